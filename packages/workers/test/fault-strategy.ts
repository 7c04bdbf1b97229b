/**
 * Kernel text for fault-worker.ts: the baseline, with a call of JavaScript before each rmap removal. Compiled, never run
 * as it stands.
 */
import { pageRemoveRmap } from '../../core/src/mm/rmap.ts'
import { linux65Laf } from '../../core/src/mm/strategies/linux-6.5.ts'
import type { Strategy } from '../../core/src/mm/strategy.ts'
import { plantFault } from './fault-host.ts'

function failingPageRemoveRmap(
  cpu: number,
  folio: number,
  page: number,
  nr: number,
  vma: number,
  strategy: Strategy,
): void {
  plantFault(page)
  pageRemoveRmap(cpu, folio, page, nr, vma, strategy)
}

/** @public Named by its id. */
export const failing: Strategy = {
  ...linux65Laf,
  id: 'failing',
  folioRemoveRmapPtes: failingPageRemoveRmap,
}
