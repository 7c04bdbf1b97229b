/**
 * mm/page_alloc.c: how long a CPU's lists may grow, and how many pages go to and fro between them and the zone at a time.
 *
 * Up to v6.6 `high` is fixed, and bulk frees double from one to the next (free_factor) until an allocation halves them.
 * From v6.7 on (PCP_COUNTS_FREES) the lists count the pages that are freed in a row, `high` adapts between high_min and
 * high_max, and refills double (alloc_factor). Left out: ZONE_BELOW_HIGH and ZONE_RECLAIM_ACTIVE (there are no
 * watermarks), and the worker that lowers `high` by and by.
 *
 * Invariants, under the pcp lock: high_min <= high <= high_max; free_count exceeds batch << PCP_BATCH_SCALE_MAX by less
 * than one block.
 */

import { PCP_BATCH_SCALE_MAX, PCP_COUNTS_FREES, PCP_DRAIN_ALL } from '../machine/globals.ts'
import {
  PAGE_ALLOC_COSTLY_ORDER,
  PCP_ALLOC_FACTOR,
  PCP_BATCH,
  PCP_COUNT,
  PCP_FLAGS,
  PCP_FREE_COUNT,
  PCP_FREE_FACTOR,
  PCP_HIGH,
  PCP_HIGH_MAX,
  PCP_HIGH_MIN,
  PCPF_FREE_HIGH_BATCH,
  PCPF_PREV_FREE_HIGH_ORDER,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'

/**
 * free_unref_page_commit: is this a block of order 1 to 3 on a CPU that only frees? Then it does not stay. Notes the free
 * (the block counts already).
 */
export function pcpFreeHigh(cpu: number, order: number): boolean {
  const high = order !== 0 && order <= PAGE_ALLOC_COSTLY_ORDER
  if (PCP_COUNTS_FREES === 0) return high && load(cpu + PCP_FREE_FACTOR) !== 0
  store(cpu + PCP_ALLOC_FACTOR, load(cpu + PCP_ALLOC_FACTOR) >> 1)
  const batch = load(cpu + PCP_BATCH)
  const freed = load(cpu + PCP_FREE_COUNT)
  const flags = load(cpu + PCP_FLAGS)
  const previous = (flags & PCPF_PREV_FREE_HIGH_ORDER) !== 0
  const enough = (flags & PCPF_FREE_HIGH_BATCH) === 0 || load(cpu + PCP_COUNT) >= batch
  if (high) store(cpu + PCP_FLAGS, flags | PCPF_PREV_FREE_HIGH_ORDER)
  else store(cpu + PCP_FLAGS, flags & ~PCPF_PREV_FREE_HIGH_ORDER)
  if (freed < batch << PCP_BATCH_SCALE_MAX) store(cpu + PCP_FREE_COUNT, freed + (1 << order))
  return high && freed >= batch && previous && enough
}

/** nr_pcp_high: the count at which pages go back. */
export function nrPcpHigh(cpu: number, freeHigh: boolean): number {
  if (PCP_DRAIN_ALL !== 0) return load(cpu + PCP_HIGH)
  if (PCP_COUNTS_FREES !== 0) return nrPcpHighAdapted(cpu, freeHigh)
  return freeHigh ? 0 : load(cpu + PCP_HIGH)
}

/** nr_pcp_high (v6.7): `high` shrinks as blocks of high order go, and grows until what is freed in a row fits. */
function nrPcpHighAdapted(cpu: number, freeHigh: boolean): number {
  const high = pcpHighClamped(cpu)
  const min = load(cpu + PCP_HIGH_MIN)
  const max = load(cpu + PCP_HIGH_MAX)
  const batch = load(cpu + PCP_BATCH)
  if (high === 0) return 0
  if (freeHigh) {
    store(cpu + PCP_HIGH, Math.max(high - (batch << PCP_BATCH_SCALE_MAX), min))
    return 0
  }
  if (min === max || load(cpu + PCP_COUNT) < high) return high
  const needHigh = load(cpu + PCP_FREE_COUNT) + batch
  if (high < needHigh) store(cpu + PCP_HIGH, Math.max(min, Math.min(max, needHigh)))
  return high
}

/** pcp->high within its bounds. */
function pcpHighClamped(cpu: number): number {
  const high = Math.max(
    load(cpu + PCP_HIGH_MIN),
    Math.min(load(cpu + PCP_HIGH_MAX), load(cpu + PCP_HIGH)),
  )
  store(cpu + PCP_HIGH, high)
  return high
}

/** nr_pcp_free: how many pages go back when the count has reached `high`. */
export function nrPcpFree(cpu: number, high: number, freeHigh: boolean): number {
  const count = load(cpu + PCP_COUNT)
  if (PCP_DRAIN_ALL !== 0) return count
  const batch = load(cpu + PCP_BATCH)
  if (freeHigh) {
    return PCP_COUNTS_FREES !== 0 ? Math.min(count, batch << PCP_BATCH_SCALE_MAX) : count
  }
  // pcp disabled or boot pageset
  if (high < batch) return 1
  const min = batch
  const max = high - batch
  if (PCP_COUNTS_FREES !== 0) return Math.max(min, Math.min(max, load(cpu + PCP_FREE_COUNT)))
  // doubled at each free that no allocation interrupts
  const factor = load(cpu + PCP_FREE_FACTOR)
  const wanted = batch << factor
  if (wanted < max) store(cpu + PCP_FREE_FACTOR, Math.min(factor + 1, PCP_BATCH_SCALE_MAX))
  return Math.max(min, Math.min(max, wanted))
}

/** rmqueue_pcplist: an allocation halves what the next bulk free takes. */
export function pcpAllocated(cpu: number): void {
  if (PCP_COUNTS_FREES !== 0) store(cpu + PCP_FREE_COUNT, load(cpu + PCP_FREE_COUNT) >> 1)
  else store(cpu + PCP_FREE_FACTOR, load(cpu + PCP_FREE_FACTOR) >> 1)
}

/** nr_pcp_alloc: how many blocks of 2^order pages fill an empty list. */
export function nrPcpAlloc(cpu: number, order: number): number {
  const batch = PCP_COUNTS_FREES !== 0 ? nrPcpAllocPages(cpu, order) : load(cpu + PCP_BATCH)
  return batch > 1 && order !== 0 ? Math.max(batch >> order, 2) : batch
}

/** nr_pcp_alloc (v6.7), in pages: doubled at each refill that no free interrupts; `high` makes room for them. */
function nrPcpAllocPages(cpu: number, order: number): number {
  const base = load(cpu + PCP_BATCH)
  const max = load(cpu + PCP_HIGH_MAX)
  const factor = load(cpu + PCP_ALLOC_FACTOR)
  let high = pcpHighClamped(cpu)
  if (high < base) return 1
  const batch = order !== 0 ? base : base << factor
  if (load(cpu + PCP_HIGH_MIN) !== max) {
    high = Math.min(high + batch, max)
    store(cpu + PCP_HIGH, high)
  }
  if (order !== 0) return batch
  const most = Math.max(high - load(cpu + PCP_COUNT) - base, base)
  if (batch <= most && factor < PCP_BATCH_SCALE_MAX) store(cpu + PCP_ALLOC_FACTOR, factor + 1)
  return Math.min(batch, most)
}
