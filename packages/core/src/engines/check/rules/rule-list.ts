/**
 * The rules that a check adds to those of verify, by name, with where each comes from.
 *
 * A name is stable: reports, tokens and tests refer to it. Sources are rules of the behavioural specification (H-...) or the
 * kernel function or document that has the rule.
 */

import type { VerifyRule } from '../../../machine/verify/rules.ts'

export const CHECK_RULES: readonly VerifyRule[] = [
  {
    rule: 'deadlock',
    summary: 'not every CPU that is not done waits for a lock',
    source: 'Documentation/locking/lockdep-design.rst',
  },
  {
    rule: 'lost-progress',
    summary: 'no CPU makes 500,000 plain accesses without a synchronising operation',
    source: 'H-8',
  },
  {
    rule: 'wild-access',
    summary: 'no access through NULL or a pointer to no object',
    source: 'H-19, H-22',
  },
  { rule: 'bug-on', summary: 'no assertion of the kernel text fails', source: 'VM_BUG_ON' },
  {
    rule: 'data-race',
    summary:
      'two plain accesses of a word, one of them a store, are ordered; so are a plain store and an atomic',
    source: 'Documentation/dev-tools/kcsan.rst',
  },
  {
    rule: 'counter-floor',
    summary: 'no decrement takes a counter of struct page below its floor',
    source: 'H-21',
  },
  {
    rule: 'refcount-below-mapcount',
    summary: 'at every instant a folio that is mapped by PTEs has as many references as mappings',
    source: 'H-11',
  },
  { rule: 'lock-order', summary: 'classes of locks are taken in one order', source: 'lockdep' },
  {
    rule: 'lock-not-held',
    summary:
      'who unlocks holds the lock; lists of lruvecs, split queues and the zone change under theirs',
    source: 'H-14, lockdep_assert_held',
  },
  {
    rule: 'pte-lock',
    summary: "a PTE that maps a page is cleared under its table's lock",
    source: 'zap_pte_range',
  },
  {
    rule: 'rmap-once',
    summary:
      'each PTE that is cleared takes one mapping off its page, before the lock of the table is released',
    source: 'H-3, H-23',
  },
  {
    rule: 'rmap-before-flush',
    summary: 'the mapping of a dirty file PTE goes after the TLB flush',
    source: 'H-3',
  },
  {
    rule: 'unlock-before-flush',
    summary: 'a dirty file PTE is flushed before the lock of the table is released',
    source: 'H-2',
  },
  {
    rule: 'free-before-flush',
    summary: 'no folio is freed while a PTE of it that was cleared is not flushed',
    source: 'H-1',
  },
  {
    rule: 'pending-rmap',
    summary:
      'a folio has a reference while a PTE of it that was cleared waits for its rmap removal',
    source: 'H-10',
  },
  {
    rule: 'pfnmap-flush',
    summary:
      'PTEs of PFN mappings that munmap cleared are flushed before the VMA and its page tables go',
    source: 'H-6, b67fbebd4cf9',
  },
  {
    rule: 'nested-flush',
    summary:
      'when a gather ends, the PTEs that it missed because another gather had cleared them are flushed',
    source: 'H-7',
  },
  {
    rule: 'stale-tlb-entry',
    summary: 'no CPU accesses a page through a TLB entry after the page was freed',
    source: 'H-1, H-7',
  },
  {
    rule: 'lost-write',
    summary: 'a file page that was written to after it was cleaned is dirty, or has a dirty PTE',
    source: 'H-2, H-3',
  },
]
