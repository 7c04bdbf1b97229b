/**
 * Rule `pending-rmap`: a folio keeps a reference as long as a PTE of it that was cleared waits for its rmap removal, in
 * whatever form a gather keeps it (H-10: where gathering a page dropped its reference, the batched removal used it afterwards).
 *
 * Check text (docs/wasm.md). Invariant: PTEs that wait stand in the order in which they were cleared; those that do not any more
 * have no page.
 */

import { MEMMAP, NO_PAGE_MAPCOUNT, NR_PFNS } from '../machine/globals.ts'
import {
  FOLIO_LARGE_MAPCOUNT,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PTE_PRESENT,
} from '../machine/layout.ts'
import { pageFolio, pfnToPage } from '../machine/page.ts'
import { ptePfn } from '../machine/pgtable.ts'
import { breakPendingRmap } from './check-break.ts'
import { endOfShadow } from './check-fail.ts'
import { isEntry, mapsPage } from './check-rule-entries.ts'
import { FIRST_WAITING, NR_WAITING, ruleWord, setRuleWord } from './check-rule-words.ts'
import { setShadow, shadow } from './check-shadow.ts'
import { checkState, LISTED_MAX, WAITING_AT } from './check-state.ts'

/** Columns of a PTE that was cleared, and still counts as a mapping. */
export const WAITING_COLUMNS = 4
const CPU = 0
const ADDRESS = 1
const PAGE = 2
const FOLIO = 3

function rowOf(i: number): number {
  return (checkState[WAITING_AT] as number) + i * WAITING_COLUMNS
}

/** It does not wait any more. */
function drop(i: number): void {
  setShadow(rowOf(i) + PAGE, 0)
  let first = ruleWord(FIRST_WAITING)
  let end = ruleWord(NR_WAITING)
  while (first < end && shadow[rowOf(first) + PAGE] === 0) first++
  while (end > first && shadow[rowOf(end - 1) + PAGE] === 0) end--
  setRuleWord(FIRST_WAITING, first === end ? 0 : first)
  setRuleWord(NR_WAITING, first === end ? 0 : end)
}

export function pendingStore(cpu: number, address: number, old: number, value: number): void {
  if (!isEntry(address)) {
    if (NO_PAGE_MAPCOUNT !== 0 && address >= MEMMAP) removeLarge(cpu, address, old - value)
    return
  }
  const page = mappedPage(old)
  const next = mappedPage(value)
  if (page === next) return
  // cleared for a moment only
  if (page === 0) setAgain(cpu, address, next)
  else wait(cpu, address, page)
}

function mappedPage(entry: number): number {
  return (entry & PTE_PRESENT) !== 0 && mapsPage(entry) ? pfnToPage(ptePfn(entry)) : 0
}

function wait(cpu: number, address: number, page: number): void {
  const n = ruleWord(NR_WAITING)
  if (n === (checkState[LISTED_MAX] as number)) endOfShadow()
  const row = rowOf(n)
  setShadow(row + CPU, cpu)
  setShadow(row + ADDRESS, address)
  setShadow(row + PAGE, page)
  setShadow(row + FOLIO, pageFolio(page))
  setRuleWord(NR_WAITING, n + 1)
}

function setAgain(cpu: number, address: number, page: number): void {
  for (let i = ruleWord(FIRST_WAITING); i < ruleWord(NR_WAITING); i++) {
    const row = rowOf(i)
    if (shadow[row + CPU] !== cpu || shadow[row + ADDRESS] !== address) continue
    if (shadow[row + PAGE] !== page) continue
    drop(i)
    return
  }
}

export function pendingAdded(cpu: number, address: number, before: number, n: number): void {
  if (ruleWord(NR_WAITING) === 0 || address < MEMMAP || address >= MEMMAP + NR_PFNS * PAGE_WORDS)
    return
  const word = (address - MEMMAP) % PAGE_WORDS
  const page = address - word
  if (word === PAGE_MAPCOUNT && n === -1) removeOne(cpu, page)
  else if (word === PAGE_REFCOUNT && n < 0 && before + n <= 0) checkWaiting(cpu, page)
}

function removeOne(cpu: number, page: number): void {
  for (let i = ruleWord(FIRST_WAITING); i < ruleWord(NR_WAITING); i++) {
    const row = rowOf(i)
    if (shadow[row + CPU] !== cpu || shadow[row + PAGE] !== page) continue
    drop(i)
    return
  }
}

function checkWaiting(cpu: number, folio: number): void {
  for (let i = ruleWord(FIRST_WAITING); i < ruleWord(NR_WAITING); i++) {
    const row = rowOf(i)
    if (shadow[row + PAGE] === 0 || shadow[row + FOLIO] !== folio) continue
    breakPendingRmap(cpu, folio, shadow[row + CPU] as number)
    return
  }
}

/** CONFIG_NO_PAGE_MAPCOUNT: mappings of a large folio are counted together. */
function removeLarge(cpu: number, address: number, n: number): void {
  const folio = address - FOLIO_LARGE_MAPCOUNT
  let left = n
  // dropping one can end the list
  for (let i = ruleWord(FIRST_WAITING); i < ruleWord(NR_WAITING) && left > 0; i++) {
    const row = rowOf(i)
    if (shadow[row + PAGE] === 0 || shadow[row + CPU] !== cpu) continue
    if (shadow[row + FOLIO] !== folio) continue
    drop(i)
    left--
  }
}
