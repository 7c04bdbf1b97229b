/**
 * Rules of the teardown of a PTE: unhook, flush, remove the rmap and free in their order, all but the last under the ptl.
 *
 * Each PTE that a CPU clears under a ptl is kept until its mapping was taken off its page and its translation was flushed.
 * Rules: `pte-lock` (a mapped page's PTE changes under the ptl of its table), `rmap-once` (one removal for each PTE, before
 * the ptl is released: H-3, H-23), `rmap-before-flush` (of a dirty file PTE, not before the flush: H-3),
 * `unlock-before-flush` (a dirty file PTE is flushed before the ptl is released: H-2), `free-before-flush` (no folio is
 * freed while a PTE of it is not flushed: H-1), `nested-flush` (a gather that ends has flushed what another gather on the mm
 * cleared before it came there: H-7).
 *
 * Check text (docs/wasm.md). Invariant: cleared PTEs stand in the order in which they were cleared, and those that are not
 * kept any more have DEAD among their flags.
 */

import { PTL_CLASS } from '../machine/counters.ts'
import {
  MEMMAP,
  MM_BASE,
  MM_STRIDE,
  NO_PAGE_MAPCOUNT,
  NR_CHILD_MMS,
  NR_PFNS,
  NR_PROCESSES,
} from '../machine/globals.ts'
import {
  FOLIO_LARGE_MAPCOUNT,
  MM_TLB_FLUSH_PENDING,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_WORDS,
  PG_ANON,
  PG_HEAD,
  PG_SWAPBACKED,
  PG_TYPE_MASK,
  PT_CONTENT,
  PT_PTL,
  PTE_DIRTY,
  PTE_PRESENT,
} from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { pageFolio, pageToPfn, pfnToPage } from '../machine/page.ts'
import { ptePfn } from '../machine/pgtable.ts'
import {
  breakFreeBeforeFlush,
  breakNestedFlush,
  breakPteLock,
  breakRmapBeforeFlush,
  breakRmapMissing,
  breakRmapWithoutClear,
  breakUnlockBeforeFlush,
} from './check-break.ts'
import { endOfShadow } from './check-fail.ts'
import { READ, WRITE } from './check-kinds.ts'
import {
  isEntry,
  mapsPage,
  mmOfTable,
  pointsToTable,
  startOfTable,
  tableOfEntry,
  tablesChange,
} from './check-rule-entries.ts'
import { heldOf } from './check-rule-locks.ts'
import { FIRST_CLEARED, NR_CLEARED, ruleWord, setRuleWord } from './check-rule-words.ts'
import { setShadow, shadow } from './check-shadow.ts'
import { checkState, CLEARED_AT, LISTED_MAX, WORDS_END } from './check-state.ts'
import { noteAccess } from './check-trace.ts'

/** Columns of a cleared PTE. `missedBy`: CPUs with a gather of their own that have come to the table since, by bit. */
export const CLEARED_COLUMNS = 10
const CPU = 0
const ADDRESS = 1
const LOCK = 2
const PAGE = 3
const FOLIO = 4
const MM = 5
const ADDR = 6
const FLAGS = 7
const MISSED_BY = 8

const DIRTY_FILE = 1
const FLUSHED = 2
const REMOVED = 4
const DEAD = 8

function rowOf(i: number): number {
  return (checkState[CLEARED_AT] as number) + i * CLEARED_COLUMNS
}

function flagsOf(row: number): number {
  return shadow[row + FLAGS] as number
}

function addFlag(row: number, flag: number): void {
  setShadow(row + FLAGS, flagsOf(row) | flag)
}

/** Dead ones at both ends leave the list. */
function trim(): void {
  let first = ruleWord(FIRST_CLEARED)
  let end = ruleWord(NR_CLEARED)
  while (first < end && (flagsOf(rowOf(first)) & DEAD) !== 0) first++
  while (end > first && (flagsOf(rowOf(end - 1)) & DEAD) !== 0) end--
  setRuleWord(FIRST_CLEARED, first === end ? 0 : first)
  setRuleWord(NR_CLEARED, first === end ? 0 : end)
}

/** A ptl is taken. */
export function gatherLocked(cpu: number, lock: number, lockClass: number): void {
  if (lockClass !== PTL_CLASS) return
  for (let i = ruleWord(FIRST_CLEARED); i < ruleWord(NR_CLEARED); i++) {
    const row = rowOf(i)
    if ((flagsOf(row) & DEAD) !== 0 || shadow[row + LOCK] !== lock || shadow[row + CPU] === cpu)
      continue
    setShadow(row + MISSED_BY, (shadow[row + MISSED_BY] as number) | (1 << cpu))
  }
}

/** A ptl is released: what must have happened to the PTEs that were cleared under it? */
export function gatherUnlocked(cpu: number, lock: number, lockClass: number): void {
  if (lockClass !== PTL_CLASS) return
  const end = ruleWord(NR_CLEARED)
  for (let i = ruleWord(FIRST_CLEARED); i < end; i++)
    if (isClearedUnder(rowOf(i), cpu, lock)) checkReleased(rowOf(i), cpu)
  for (let i = ruleWord(FIRST_CLEARED); i < end; i++) {
    const row = rowOf(i)
    if (isClearedUnder(row, cpu, lock) && (flagsOf(row) & FLUSHED) !== 0) addFlag(row, DEAD)
  }
  trim()
}

function isClearedUnder(row: number, cpu: number, lock: number): boolean {
  return (flagsOf(row) & DEAD) === 0 && shadow[row + LOCK] === lock && shadow[row + CPU] === cpu
}

function checkReleased(row: number, cpu: number): void {
  const flags = flagsOf(row)
  if ((flags & REMOVED) === 0) breakRmapMissing(cpu, shadow[row + PAGE] as number)
  if ((flags & DIRTY_FILE) !== 0 && (flags & FLUSHED) === 0)
    breakUnlockBeforeFlush(cpu, shadow[row + PAGE] as number)
}

export function gatherStore(cpu: number, address: number, old: number, value: number): void {
  if (NO_PAGE_MAPCOUNT !== 0) takeLarge(cpu, address, old - value)
  if (!isEntry(address)) return
  if (pointsToTable(old) || pointsToTable(value)) {
    tablesChange()
    return
  }
  const mapped = mapsPage(old)
  if (mapped && (value & PTE_PRESENT) !== 0 && ptePfn(old) === ptePfn(value)) return
  if (mapped) clearEntry(cpu, address, old)
  else if (mapsPage(value)) setAgain(cpu, address, value)
}

function clearEntry(cpu: number, address: number, pte: number): void {
  const content = tableOfEntry(address)
  const page = pfnToPage(ptePfn(pte))
  const lock = ptlOf(cpu, content)
  if (lock === 0) {
    breakPteLock(cpu, page)
    return
  }
  const folio = pageFolio(page)
  const flags = mem[folio + PAGE_FLAGS] as number
  const isFile = (flags & (PG_ANON | PG_SWAPBACKED | PG_TYPE_MASK)) === 0
  const n = ruleWord(NR_CLEARED)
  if (n === (checkState[LISTED_MAX] as number)) endOfShadow()
  const row = rowOf(n)
  setShadow(row + CPU, cpu)
  setShadow(row + ADDRESS, address)
  setShadow(row + LOCK, lock)
  setShadow(row + PAGE, page)
  setShadow(row + FOLIO, folio)
  setShadow(row + MM, mmOfTable(content))
  setShadow(row + ADDR, startOfTable(content) + address - content)
  setShadow(row + FLAGS, (pte & PTE_DIRTY) !== 0 && isFile ? DIRTY_FILE : 0)
  setShadow(row + MISSED_BY, 0)
  setRuleWord(NR_CLEARED, n + 1)
}

/** The ptl of the table with this content, if the CPU holds it; 0: it does not. */
function ptlOf(cpu: number, content: number): number {
  let n = 0
  let lock = heldOf(cpu, PTL_CLASS, 0)
  while (lock !== 0 && mem[lock - PT_PTL + PT_CONTENT] !== content) {
    n++
    lock = heldOf(cpu, PTL_CLASS, n)
  }
  return lock
}

/** A PTE that was cleared for a moment maps its page again. */
function setAgain(cpu: number, address: number, pte: number): void {
  const page = pfnToPage(ptePfn(pte))
  for (let i = ruleWord(FIRST_CLEARED); i < ruleWord(NR_CLEARED); i++) {
    const row = rowOf(i)
    if ((flagsOf(row) & (DEAD | REMOVED)) !== 0 || shadow[row + CPU] !== cpu) continue
    if (shadow[row + ADDRESS] === address && shadow[row + PAGE] === page) addFlag(row, DEAD)
  }
  trim()
}

export function gatherAdded(cpu: number, address: number, n: number): void {
  if (n < 0 && isFlushPending(address)) finish(cpu, address - MM_TLB_FLUSH_PENDING)
  if (n !== -1 || address < MEMMAP || address >= MEMMAP + NR_PFNS * PAGE_WORDS) return
  if ((address - MEMMAP) % PAGE_WORDS !== PAGE_MAPCOUNT) return
  const page = address - PAGE_MAPCOUNT
  for (let i = ruleWord(FIRST_CLEARED); i < ruleWord(NR_CLEARED); i++) {
    const row = rowOf(i)
    if ((flagsOf(row) & (DEAD | REMOVED)) !== 0) continue
    if (shadow[row + CPU] !== cpu || shadow[row + PAGE] !== page) continue
    remove(row)
    return
  }
  breakRmapWithoutClear(cpu, page)
}

function isFlushPending(address: number): boolean {
  if (address < MM_BASE) return false
  const word = address - MM_BASE
  return (
    word < Math.imul(NR_PROCESSES + NR_CHILD_MMS, MM_STRIDE) &&
    word % MM_STRIDE === MM_TLB_FLUSH_PENDING
  )
}

/** tlb_finish_mmu: what this gather has missed because another one was there first is flushed. */
function finish(cpu: number, mm: number): void {
  const bit = 1 << cpu
  for (let i = ruleWord(FIRST_CLEARED); i < ruleWord(NR_CLEARED); i++) {
    const row = rowOf(i)
    if ((flagsOf(row) & (DEAD | FLUSHED)) !== 0 || shadow[row + MM] !== mm) continue
    if (((shadow[row + MISSED_BY] as number) & bit) !== 0)
      breakNestedFlush(cpu, shadow[row + PAGE] as number, shadow[row + CPU] as number)
  }
  for (let i = ruleWord(FIRST_CLEARED); i < ruleWord(NR_CLEARED); i++) {
    const row = rowOf(i)
    if ((flagsOf(row) & DEAD) === 0)
      setShadow(row + MISSED_BY, (shadow[row + MISSED_BY] as number) & ~bit)
  }
}

/** CONFIG_NO_PAGE_MAPCOUNT: mappings of a large folio are counted together, under its bit lock. */
function takeLarge(cpu: number, address: number, n: number): void {
  const folio = address - FOLIO_LARGE_MAPCOUNT
  if (n <= 0 || !isLargeFolio(folio)) return
  let left = n
  for (let i = ruleWord(FIRST_CLEARED); i < ruleWord(NR_CLEARED) && left > 0; i++) {
    const row = rowOf(i)
    if ((flagsOf(row) & (DEAD | REMOVED)) !== 0) continue
    if (shadow[row + CPU] !== cpu || shadow[row + FOLIO] !== folio) continue
    remove(row)
    left--
  }
}

function isLargeFolio(folio: number): boolean {
  if (folio < MEMMAP || folio >= MEMMAP + NR_PFNS * PAGE_WORDS) return false
  if ((folio - MEMMAP) % PAGE_WORDS !== 0) return false
  return ((mem[folio + PAGE_FLAGS] as number) & PG_HEAD) !== 0
}

function remove(row: number): void {
  if ((flagsOf(row) & (DIRTY_FILE | FLUSHED)) === DIRTY_FILE)
    breakRmapBeforeFlush(shadow[row + CPU] as number, shadow[row + PAGE] as number)
  addFlag(row, REMOVED)
}

export function gatherFlushed(mm: number, start: number, end: number): void {
  for (let i = ruleWord(FIRST_CLEARED); i < ruleWord(NR_CLEARED); i++) {
    const row = rowOf(i)
    if ((flagsOf(row) & DEAD) !== 0 || shadow[row + MM] !== mm) continue
    const addr = shadow[row + ADDR] as number
    if (addr < start || addr >= end) continue
    noteAccess(lifeOf(shadow[row + FOLIO] as number), READ, 0, 0)
    addFlag(row, FLUSHED)
  }
  for (let i = ruleWord(FIRST_CLEARED); i < ruleWord(NR_CLEARED); i++) {
    const row = rowOf(i)
    if ((flagsOf(row) & (FLUSHED | REMOVED)) === (FLUSHED | REMOVED)) addFlag(row, DEAD)
  }
  trim()
}

export function gatherFreed(cpu: number, page: number): void {
  noteAccess(lifeOf(page), WRITE, 0, 0)
  for (let i = ruleWord(FIRST_CLEARED); i < ruleWord(NR_CLEARED); i++) {
    const row = rowOf(i)
    if ((flagsOf(row) & (DEAD | FLUSHED)) !== 0 || shadow[row + FOLIO] !== page) continue
    breakFreeBeforeFlush(cpu, page, shadow[row + CPU] as number)
    return
  }
}

/** A word that stands for the life of a folio: a flush of a PTE of it and its end are to be run in both orders. */
function lifeOf(folio: number): number {
  return (checkState[WORDS_END] as number) - NR_PFNS + pageToPfn(folio)
}
