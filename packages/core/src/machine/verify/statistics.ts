/**
 * vmstat: what populate left plus what the CPUs changed is what counting again gives.
 *
 * Covers the items that count things, but for the free pages, which the zone counts itself (buddy.ts). Of the items that
 * count events, what must agree is in conservation.ts.
 */

import {
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
import { NR_LRU_LISTS } from '../layout.ts'
import { vmstatOf } from './cpu-sums.ts'
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

/** Compares every item that counts things. */
export function checkStatistics(facts: Facts): void {
  for (const item of ITEMS) {
    facts.violations.equal(
      'vmstat',
      vmstatOf(item),
      facts.vmstat[item] as number,
      () => VMSTAT_KEYS[item] ?? `item ${item}`,
    )
  }
}
