/**
 * What is said where a rule of sync/check-rules.ts is broken, with the names of what is concerned.
 */

import { LOCK_CLASS_KEYS } from '../../../machine/counters.ts'
import type { Breaks } from '../../../sync/check-break.ts'
import { nameOfPage, nameOfWord } from '../names.ts'
import { breakRule } from '../rule-error.ts'

function nameOfClass(lockClass: number): string {
  return LOCK_CLASS_KEYS[lockClass] ?? `${lockClass}`
}

export const RULE_BREAKS: Breaks = {
  lockOrder: (cpu, before, lock, lockClass) =>
    breakRule(
      'lock-order',
      `CPU ${cpu} takes ${nameOfWord(lock)} with a lock of class ${nameOfClass(before)} held, and the classes ${nameOfClass(before)} and ${nameOfClass(lockClass)} are taken the other way round elsewhere`,
    ),
  unlockNotHeld: (cpu, lock) =>
    breakRule('lock-not-held', `CPU ${cpu} unlocks ${nameOfWord(lock)}, which it does not hold`),
  changeWithoutLock: (cpu, address, lock) =>
    breakRule(
      'lock-not-held',
      `CPU ${cpu} changes ${nameOfWord(address)} without ${nameOfWord(lock)}`,
    ),
  counterFloor: (address, before, after, floor) =>
    breakRule(
      'counter-floor',
      `${nameOfWord(address)} falls from ${before} to ${after}, and its floor is ${floor}`,
    ),
  references: (head, references, mappings) =>
    breakRule(
      'refcount-below-mapcount',
      `${nameOfPage(head)} has ${references} references and ${mappings} mappings`,
    ),
  pendingRmap: (cpu, folio, clearer) =>
    breakRule(
      'pending-rmap',
      `CPU ${cpu} drops the last reference of ${nameOfPage(folio)}, and the mapping of a PTE that CPU ${clearer} cleared is still to be removed`,
    ),
  pteLock: (cpu, page) =>
    breakRule('pte-lock', `CPU ${cpu} clears a PTE of ${nameOfPage(page)} without its ptl`),
  rmapWithoutClear: (cpu, page) =>
    breakRule(
      'rmap-once',
      `CPU ${cpu} removes a mapping of ${nameOfPage(page)} without having cleared a PTE`,
    ),
  rmapMissing: (cpu, page) =>
    breakRule(
      'rmap-once',
      `CPU ${cpu} releases the ptl, and a PTE of ${nameOfPage(page)} that it cleared still counts as a mapping`,
    ),
  rmapBeforeFlush: (cpu, page) =>
    breakRule(
      'rmap-before-flush',
      `CPU ${cpu} removes the mapping of a dirty PTE of ${nameOfPage(page)} before the TLB flush`,
    ),
  unlockBeforeFlush: (cpu, page) =>
    breakRule(
      'unlock-before-flush',
      `CPU ${cpu} releases the ptl, and a dirty PTE of ${nameOfPage(page)} that it cleared is not flushed`,
    ),
  nestedFlush: (cpu, page, clearer) =>
    breakRule(
      'nested-flush',
      `the gather of CPU ${cpu} ends, and a PTE of ${nameOfPage(page)} that CPU ${clearer} cleared before it came there is not flushed`,
    ),
  freeBeforeFlush: (cpu, page, clearer) =>
    breakRule(
      'free-before-flush',
      `CPU ${cpu} frees ${nameOfPage(page)}, and a PTE of it that CPU ${clearer} cleared is not flushed`,
    ),
  pfnmapFlush: (cpu) =>
    breakRule(
      'pfnmap-flush',
      `CPU ${cpu} unhooks a page table behind a VMA of PFN mappings, and PTEs of it that it cleared are not flushed`,
    ),
}
