/**
 * Per-CPU state that is empty between teardowns: the mmu_gather, the mmu_table_batch, rss changes; and the folio
 * batches, which may hold folios, each with a reference.
 */

import {
  BATCH_FRAME_WORDS,
  CPU_ACTIVATE_BATCH,
  CPU_ADD_BATCH,
  CPU_BASE,
  CPU_BATCH_FRAMES,
  CPU_LOCAL_BATCH,
  CPU_MLOCK_BATCH,
  CPU_STRIDE,
  CPU_TABLE_BATCH,
  NR_BATCH_FRAMES,
  NR_CPUS,
  PAGEVEC_SIZE,
} from '../globals.ts'
import {
  BATCH_NEXT,
  BATCH_NR,
  CPU_ISOLATED,
  CPU_RSS,
  FBATCH_FOLIOS,
  FBATCH_NR,
  NR_MM_COUNTERS,
  TABLE_BATCH_NR,
  TLB_CLEARED,
  TLB_DELAYED_RMAP,
  TLB_FREED_TABLES,
} from '../layout.ts'
import { load } from '../memory.ts'
import { addTo, type Facts, KIND_DEVICE, KIND_FOLIO } from './facts.ts'
import { pfnAt } from './memmap.ts'

/** Checks every CPU; counts the references of its folio batches. */
export function checkCpus(facts: Facts): void {
  for (let i = 0; i < NR_CPUS; i++) {
    const cpu = CPU_BASE + i * CPU_STRIDE
    checkGather(facts, i, cpu)
    for (let rss = 0; rss < NR_MM_COUNTERS; rss++) {
      facts.violations.equal(
        'rss-pending',
        load(cpu + CPU_RSS + rss),
        0,
        () => `CPU ${i}: rss counter ${rss}`,
      )
    }
    facts.violations.equal(
      'isolated-pending',
      load(cpu + CPU_ISOLATED),
      0,
      () => `CPU ${i}: first folio that reclaim has isolated`,
    )
    if (CPU_ADD_BATCH !== 0)
      checkFolioBatch(facts, cpu + CPU_ADD_BATCH, `CPU ${i} add batch`, false)
    checkFolioBatch(facts, cpu + CPU_ACTIVATE_BATCH, `CPU ${i} activate batch`, false)
    checkFolioBatch(facts, cpu + CPU_MLOCK_BATCH, `CPU ${i} mlock batch`, true)
  }
}

function checkGather(facts: Facts, cpuId: number, cpu: number): void {
  const { violations } = facts
  const empty = (what: string, value: number): void => {
    violations.equal('gather-pending', value, 0, () => `CPU ${cpuId}: ${what}`)
  }
  empty('slots in the local batch', load(cpu + CPU_LOCAL_BATCH + BATCH_NR))
  empty('batch page linked to the local batch', load(cpu + CPU_LOCAL_BATCH + BATCH_NEXT))
  for (let i = 0; i < NR_BATCH_FRAMES; i++)
    empty(
      `slots in batch page ${i}`,
      load(cpu + CPU_BATCH_FRAMES + i * BATCH_FRAME_WORDS + BATCH_NR),
    )
  empty('page tables in the table batch', load(cpu + CPU_TABLE_BATCH + TABLE_BATCH_NR))
  empty('delayed rmap removals', load(cpu + TLB_DELAYED_RMAP))
  violations.equal(
    'tlb-unflushed',
    load(cpu + TLB_CLEARED) | load(cpu + TLB_FREED_TABLES),
    0,
    () => `CPU ${cpuId}: levels of page tables cleared without a TLB flush`,
  )
}

/** Each entry of a folio batch holds a reference; one of the mlock batch is a munlock that waits. */
function checkFolioBatch(facts: Facts, batch: number, name: string, mlock: boolean): void {
  const { violations, kind } = facts
  const nr = load(batch + FBATCH_NR)
  if (nr < 0 || nr > PAGEVEC_SIZE) {
    violations.add('folio-batch', () => `${name}: ${nr} folios, at most ${PAGEVEC_SIZE} fit`)
    return
  }
  for (let i = 0; i < nr; i++) {
    const pfn = pfnAt(load(batch + FBATCH_FOLIOS + i) >> 1)
    if (pfn < 0 || (kind[pfn] !== KIND_FOLIO && kind[pfn] !== KIND_DEVICE)) {
      violations.add('folio-batch', () => `${name}: entry ${i} is no folio in use (pfn ${pfn})`)
      continue
    }
    addTo(facts.refs, pfn, 1)
    if (mlock) addTo(facts.lockedMaps, pfn, 1)
  }
}
