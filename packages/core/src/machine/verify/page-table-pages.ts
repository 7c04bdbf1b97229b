/**
 * Page-table pages: each has a lock, one reference, 512 entries of its own, and is referred to from one place.
 *
 * A table that waits in reserve (pgtable_trans_huge_deposit) is referred to by the PMD page that it waits at.
 */

import {
  CPU_BASE,
  CPU_STRIDE,
  NR_CPUS,
  NR_PFNS,
  NR_PT,
  PROGRAMS,
  PT_BASE,
  PT_FREE_NEXT,
} from '../globals.ts'
import {
  CPU_PT_FREE,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_KEEP_AT_FREE,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  PG_TYPE_TABLE,
  PT_CONTENT,
  PT_HUGE_PTE,
  PT_PTL,
  PTE_PRESENT,
  PTRS_PER_PTE,
} from '../layout.ts'
import { load, mem } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { mkPte, ptePfn } from '../pgtable.ts'
import { describeFrame } from './describe-page.ts'
import { addTo, type Facts, KIND_TABLE, SEEN_IN_TABLES } from './facts.ts'
import { checkLockFree } from './locks.ts'
import { pfnAt } from './memmap.ts'

/** The content of the table that an upper-level entry refers to; 0 if that is none that can be walked. */
export function checkTableEntry(facts: Facts, entry: number, where: () => string): number {
  const pfn = ptePfn(entry)
  if (pfn >= NR_PFNS || facts.kind[pfn] !== KIND_TABLE || entry !== mkPte(pfn, PTE_PRESENT)) {
    const target = pfn < NR_PFNS ? describeFrame(pfn) : `pfn ${pfn} (no page frame)`
    facts.violations.add('table-entry', () => `${where()}: refers to ${target}`)
    return 0
  }
  return checkTablePage(facts, pfn, where)
}

/** The content of a table page that is referred to here; 0 if it cannot be walked. */
function checkTablePage(facts: Facts, pfn: number, where: () => string): number {
  const { violations, seen } = facts
  const page = pfnToPage(pfn)
  if (((seen[pfn] as number) & SEEN_IN_TABLES) !== 0) {
    violations.add('table-shared', () => `${where()}: refers to ${describeFrame(pfn)} as others do`)
    return 0
  }
  seen[pfn] = (seen[pfn] as number) | SEEN_IN_TABLES
  checkLockFree(violations, page + PT_PTL, () => `page table at pfn ${pfn}`)
  const flags = load(page + PAGE_FLAGS)
  const charged = (flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK
  if (charged < facts.memcgPages.length) addTo(facts.memcgPages, charged, 1)
  else violations.add('memcg-id', () => describeFrame(pfn))
  const content = load(page + PT_CONTENT)
  const index = (content - PT_BASE) / PTRS_PER_PTE
  const known = Number.isInteger(index) && index >= 0 && index < NR_PT
  const clean =
    known &&
    facts.contentOwner[index] === 0 &&
    (flags & ~PG_KEEP_AT_FREE & ~(PG_MEMCG_MASK << PG_MEMCG_SHIFT)) === PG_TYPE_TABLE &&
    load(page + PAGE_REFCOUNT) === 1 &&
    load(page + PAGE_COMPOUND_HEAD) === page
  if (!clean)
    violations.add('table-page', () => `${where()}: content ${index}: ${describeFrame(pfn)}`)
  if (!known || facts.contentOwner[index] !== 0) return 0
  facts.contentOwner[index] = pfn + 1
  return content
}

/** The tables in reserve at a PMD page; returns how many there are. */
export function checkDeposits(facts: Facts, pmdPage: number, where: () => string): number {
  let table = load(pmdPage + PT_HUGE_PTE)
  let deposits = 0
  while (table > 0) {
    const pfn = pfnAt(table)
    const isTable =
      pfn >= 0 &&
      facts.kind[pfn] === KIND_TABLE &&
      ((facts.seen[pfn] as number) & SEEN_IN_TABLES) === 0
    if (!isTable) {
      const at = table
      facts.violations.add(
        'deposit',
        () => `${where()}: word ${at} in reserve is no table, or in use`,
      )
      return deposits
    }
    const content = checkTablePage(facts, pfn, () => `${where()}, in reserve`)
    if (content !== 0) checkEmpty(facts, content, () => `table in reserve at pfn ${pfn}`)
    deposits++
    table = load(table + PT_HUGE_PTE)
  }
  return deposits
}

/** Behind the walk: tables that nothing refers to, and contents of no table, which must be empty. */
export function checkUnusedTables(facts: Facts): void {
  for (let pfn = 0; pfn < NR_PFNS; pfn++) {
    if (facts.kind[pfn] !== KIND_TABLE || ((facts.seen[pfn] as number) & SEEN_IN_TABLES) !== 0)
      continue
    facts.violations.add('table-leaked', () => `no mm refers to ${describeFrame(pfn)}`)
    markContent(facts, pfn)
  }
  if (PROGRAMS !== 0) checkFreeContents(facts)
  for (let index = 0; index < NR_PT; index++) {
    if (facts.contentOwner[index] === 0)
      checkEmpty(facts, PT_BASE + index * PTRS_PER_PTE, () => `content ${index} of no table`)
  }
}

/** Each content that no table has is on the list of one CPU. */
function checkFreeContents(facts: Facts): void {
  const listed = new Uint8Array(NR_PT)
  const wrong = (what: () => string): void => facts.violations.add('table-contents', what)
  for (let i = 0; i < NR_CPUS; i++) {
    let index = load(CPU_BASE + i * CPU_STRIDE + CPU_PT_FREE) - 1
    while (index >= 0) {
      const at = index
      if (at >= NR_PT || listed[at] !== 0 || facts.contentOwner[at] !== 0) {
        wrong(() => `CPU ${i}: content ${at} on its list is in use, listed twice or none`)
        break
      }
      listed[at] = 1
      index = load(PT_FREE_NEXT + at) - 1
    }
  }
  const lost = facts.contentOwner.findIndex((owner, at) => owner === 0 && listed[at] === 0)
  if (lost >= 0) wrong(() => `content ${lost} of no table is on no list`)
}

/** A leaked table may hold entries: the leak is reported already. */
function markContent(facts: Facts, pfn: number): void {
  const index = (load(pfnToPage(pfn) + PT_CONTENT) - PT_BASE) / PTRS_PER_PTE
  if (Number.isInteger(index) && index >= 0 && index < NR_PT) facts.contentOwner[index] = pfn + 1
}

function checkEmpty(facts: Facts, content: number, what: () => string): void {
  for (let i = 0; i < PTRS_PER_PTE; i++) {
    if (mem[content + i] === 0) continue
    facts.violations.add(
      'table-freed-with-entries',
      () => `${what()}: entry ${i} is 0x${(load(content + i) >>> 0).toString(16)}`,
    )
    return
  }
}
