/**
 * vmstat: what populate left plus what the CPUs changed is what counting again gives.
 *
 * Covers the items that count things, but for the free pages, which the zone counts itself (buddy.ts). Of the items that
 * count events, what must agree is in conservation.ts.
 */

import {
  E_PMD_SPLITS,
  NR_ANON_MAPPED,
  NR_ANON_THPS,
  NR_FILE_DIRTY,
  NR_FILE_MAPPED,
  NR_FILE_PMDMAPPED,
  NR_LRU_BASE,
  NR_MLOCK,
  NR_PAGETABLE,
  NR_SHMEM_PMDMAPPED,
  NR_SWAPCACHE,
  VMSTAT_KEYS,
} from '../counters.ts'
import { NR_CPUS } from '../globals.ts'
import { HPAGE_PMD_NR, NR_LRU_LISTS } from '../layout.ts'
import { eventsOf, vmstatOf } from './cpu-sums.ts'
import type { Facts } from './facts.ts'

const ITEMS: readonly number[] = [
  NR_ANON_MAPPED,
  NR_FILE_MAPPED,
  NR_ANON_THPS,
  NR_FILE_PMDMAPPED,
  NR_SHMEM_PMDMAPPED,
  NR_FILE_DIRTY,
  NR_MLOCK,
  NR_SWAPCACHE,
  NR_PAGETABLE,
  ...Array.from({ length: NR_LRU_LISTS }, (_, lru) => NR_LRU_BASE + lru),
]

/** Compares every item that counts things. @param isExact - allow for nothing that the kernel allows for. */
export function checkStatistics(facts: Facts, isExact: boolean): void {
  for (const item of ITEMS) {
    const expected = facts.vmstat[item] as number
    const found = vmstatOf(item)
    if (
      !isExact &&
      item === NR_ANON_MAPPED &&
      found < expected &&
      expected - found <= lostInSplits()
    )
      continue
    facts.violations.equal('vmstat', found, expected, () => VMSTAT_KEYS[item] ?? `item ${item}`)
  }
}

/**
 * Pages that NR_ANON_MAPPED may be short of. page_remove_rmap drops _mapcount and _nr_pages_mapped one after the other;
 * if between the two another CPU splits a PMD mapping of the folio (maps the same page by a PTE, gives up its PMD), that
 * CPU finds one page too many ("raced ahead of another remove and an add?"), and this one counts a page as unmapped that
 * is mapped again. The kernel lets the statistics drift by that page, and so does its text here.
 */
function lostInSplits(): number {
  return NR_CPUS === 1 ? 0 : HPAGE_PMD_NR * eventsOf(E_PMD_SPLITS)
}
