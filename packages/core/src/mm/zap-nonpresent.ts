/**
 * mm/memory.c: the non-present entries of zap_pte_range: swap, migration, device memory, markers.
 *
 * Invariant: each entry gives back exactly what it held: a swap reference, a device page's mapping and reference, or
 * only its place in rss.
 */

import {
  CPU_RSS,
  MM_SWAPENTS,
  SWP_DEVICE_EXCLUSIVE,
  SWP_DEVICE_PRIVATE,
  SWP_MIGRATION,
  SWP_SWAP,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, pageFolio, pfnToPage } from '../machine/page.ts'
import { swpKind, swpOffset } from '../machine/pgtable.ts'
import { mmCounter } from './mm-inline.ts'
import { countRmapCalls } from './rmap.ts'
import type { Strategy } from './strategy.ts'
import { putFolio } from './swap.ts'
import { freeSwapAndCache } from './swapfile.ts'

function rssDec(cpu: number, counter: number): void {
  store(cpu + CPU_RSS + counter, load(cpu + CPU_RSS + counter) - 1)
}

/** Gives back what a non-present entry holds; the caller clears the PTE. */
export function zapNonpresentPte(
  cpu: number,
  vma: number,
  entry: number,
  strategy: Strategy,
): void {
  const kind = swpKind(entry)
  if (kind === SWP_SWAP) {
    rssDec(cpu, MM_SWAPENTS)
    freeSwapAndCache(cpu, swpOffset(entry))
    return
  }
  // markers and hwpoison entries: only the PTE is cleared
  if (kind !== SWP_MIGRATION && kind !== SWP_DEVICE_PRIVATE && kind !== SWP_DEVICE_EXCLUSIVE) return
  const page = pfnToPage(swpOffset(entry))
  const folio = pageFolio(page)
  rssDec(cpu, mmCounter(folioFlags(folio)))
  if (kind === SWP_MIGRATION) return
  if (kind === SWP_DEVICE_PRIVATE) {
    strategy.folioRemoveRmapPtes(cpu, folio, page, 1, vma, strategy)
    countRmapCalls(cpu, 1, 1)
  }
  putFolio(cpu, folio)
}
