/**
 * The mms: users, VMAs, page tables, and the counters that must agree with what the tables hold.
 */

import { MM_BASE, MM_STRIDE, NR_CHILD_MMS, NR_PROCESSES, PUD_TABLES_COUNTED } from '../globals.ts'
import {
  MM_ID,
  MM_MMAP,
  MM_PGD,
  MM_PGTABLES,
  MM_RSS,
  MM_TLB_FLUSH_PENDING,
  MM_USERS,
  NR_MM_COUNTERS,
  PTRS_PER_PGD,
} from '../layout.ts'
import { NR_PAGETABLE } from '../counters.ts'
import { load } from '../memory.ts'
import { addTo, type Facts } from './facts.ts'
import { checkUnusedTables } from './page-table-pages.ts'
import { TableWalk } from './page-tables.ts'
import { checkVmas } from './vmas.ts'

const RSS_NAMES = ['file', 'anon', 'swapents', 'shmem']

/** Checks every mm and counts what its tables refer to. */
export function checkAddressSpaces(facts: Facts): void {
  for (let i = 0; i < NR_PROCESSES + NR_CHILD_MMS; i++) checkMm(facts, MM_BASE + i * MM_STRIDE)
  for (let i = 0; i < NR_CHILD_MMS; i++) {
    const users = load(MM_BASE + (NR_PROCESSES + i) * MM_STRIDE + MM_USERS)
    facts.violations.equal('child-exited', users, 0, () => `forked child of CPU ${i}: mm_users`)
  }
  checkUnusedTables(facts)
}

function checkMm(facts: Facts, mm: number): void {
  const { violations } = facts
  const name = (): string => `mm ${load(mm + MM_ID)}`
  const users = load(mm + MM_USERS)
  if (users < 0) violations.add('mm-users', () => `${name()}: mm_users is ${users}`)
  if (users === 0) checkExited(facts, mm)
  violations.equal(
    'tlb-flush-pending',
    load(mm + MM_TLB_FLUSH_PENDING),
    0,
    () => `${name()}: open gathers`,
  )
  const walk = new TableWalk(facts, mm, checkVmas(violations, mm)).walk()
  for (let i = 0; i < NR_MM_COUNTERS; i++) {
    violations.equal(
      'rss',
      load(mm + MM_RSS + i),
      walk.entries.rss[i] as number,
      () => `${name()}: ${RSS_NAMES[i]} pages`,
    )
  }
  violations.equal(
    'pgtables',
    load(mm + MM_PGTABLES),
    walk.tables + walk.pudTables,
    () => `${name()}: page tables`,
  )
  const counted = PUD_TABLES_COUNTED !== 0 ? walk.tables + walk.pudTables : walk.tables
  addTo(facts.vmstat, NR_PAGETABLE, counted)
  facts.mappedPages += walk.entries.mappedPages
}

/** exit_mmap leaves nothing behind. */
function checkExited(facts: Facts, mm: number): void {
  let tables = 0
  for (let i = 0; i < PTRS_PER_PGD; i++) if (load(mm + MM_PGD + i) !== 0) tables++
  const vma = load(mm + MM_MMAP)
  if (vma === 0 && tables === 0) return
  facts.violations.add(
    'mm-exited',
    () =>
      `mm ${load(mm + MM_ID)} has no users, but ${tables} PGD entries and ${vma === 0 ? 'no' : 'some'} VMAs`,
  )
}
