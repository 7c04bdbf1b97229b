/**
 * swap_map: each slot counts the entries of page tables that refer to it, and knows the swapcache folio that owns it.
 *
 * Entries of processes outside the machine are counted only for slots of swapcache folios, and are not known here: for
 * those slots the count is at least what was found.
 */

import { FOLIO_SWAP, NR_SWAP_SLOTS, SWAP_MAP } from '../globals.ts'
import { SWAP_HAS_CACHE } from '../layout.ts'
import { load } from '../memory.ts'
import { describeFrame } from './describe-page.ts'
import type { Facts } from './facts.ts'

/** Marks the slots of a swapcache folio as owned. */
export function claimSwapSlots(facts: Facts, pfn: number, nr: number): void {
  const { swapCached } = facts
  const first = FOLIO_SWAP === 0 ? 0 : load(FOLIO_SWAP + pfn)
  for (let slot = first; slot < first + nr; slot++) {
    if (slot > 0 && slot < NR_SWAP_SLOTS && swapCached[slot] === 0) {
      swapCached[slot] = 1
      continue
    }
    facts.violations.add(
      'swap-cache',
      () => `slot ${slot} does not exist or is another folio's: ${describeFrame(pfn)}`,
    )
    return
  }
}

/** Behind the page-table walk and the pass over the folios. */
export function checkSwapMap(facts: Facts): void {
  for (let slot = 0; slot < NR_SWAP_SLOTS; slot++) {
    const word = load(SWAP_MAP + slot)
    const count = word & ~SWAP_HAS_CACHE
    const entries = facts.swapEntries[slot] as number
    const owned = facts.swapCached[slot] !== 0
    if (((word & SWAP_HAS_CACHE) !== 0) !== owned) {
      facts.violations.add(
        'swap-cache',
        () =>
          `slot ${slot}: ${owned ? 'owned by a folio, but not marked' : 'marked, but no folio owns it'}`,
      )
    }
    if (count === entries || (owned && count > entries)) continue
    facts.violations.add(
      'swap-map',
      () => `slot ${slot}: ${entries} entries refer to it, the count is ${count}`,
    )
  }
}
