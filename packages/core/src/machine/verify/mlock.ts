/**
 * mm/mlock.c: mlock_count of unevictable folios.
 *
 * It counts the VM_LOCKED VMAs that map the folio, plus munlocks that wait in a batch. A munlock that finds the folio
 * taken off the LRU by another CPU is not counted (the kernel calls such folios stranded), so after a race the count
 * says nothing.
 */

import { UNEVICTABLE_PGSTRANDED } from '../counters.ts'
import { PAGE_MLOCK_COUNT } from '../layout.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { vmstatOf } from './cpu-sums.ts'
import { describeFrame } from './describe-page.ts'
import type { Facts } from './facts.ts'

/** The count of one unevictable folio on the LRU. */
export function checkMlockCount(facts: Facts, pfn: number): void {
  const expected = facts.lockedMaps[pfn] as number
  const found = load(pfnToPage(pfn) + PAGE_MLOCK_COUNT)
  if (found === expected || vmstatOf(UNEVICTABLE_PGSTRANDED) !== 0) return
  facts.violations.add(
    'mlock-count',
    () => `locked ${expected} times, mlock_count is ${found}: ${describeFrame(pfn)}`,
  )
}
