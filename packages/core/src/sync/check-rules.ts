/**
 * The rules that are looked at while an execution runs, put together: what each is told.
 *
 * Check text (docs/wasm.md). Invariant: what a rule keeps of an execution is in shadow words.
 */

import {
  LRUVEC_BASE,
  MEMMAP,
  NO_PAGE_MAPCOUNT,
  NR_PFNS,
  NR_PT,
  SPLIT_QUEUE_BASE,
  ZONE,
} from '../machine/globals.ts'
import {
  PAGE_FLAGS,
  PAGE_WORDS,
  PG_TYPE_BUDDY,
  PG_TYPE_MASK,
  PG_TYPE_PCP,
  PTRS_PER_PTE,
} from '../machine/layout.ts'
import { pageToPfn } from '../machine/page.ts'
import type { ArraySource } from './array-source.ts'
import { countersAdded } from './check-rule-counters.ts'
import { bindTables } from './check-rule-entries.ts'
import {
  CLEARED_COLUMNS,
  gatherAdded,
  gatherFlushed,
  gatherFreed,
  gatherLocked,
  gatherStore,
  gatherUnlocked,
} from './check-rule-gather.ts'
import {
  bindLockRules,
  HELD_END,
  locksLocked,
  locksStore,
  locksUnlocked,
} from './check-rule-locks.ts'
import { pendingAdded, pendingStore, WAITING_COLUMNS } from './check-rule-pending.ts'
import { pfnmapFlushed, pfnmapStore } from './check-rule-pfnmap.ts'
import { setShadow, shadow } from './check-shadow.ts'
import {
  checkState,
  CLEARED_AT,
  HAS_RULES,
  HAS_WATCHER,
  LISTED_MAX,
  LIVES_AT,
  RULES_AT,
  SELF,
  WAITING_AT,
  WATCH_FROM,
} from './check-state.ts'
import { tellFreed, tellStore } from './check-watch.ts'

/** PTEs in a list: so many may be cleared again, beside all that there are. */
const LISTED_AGAIN = 1024

function listedMax(): number {
  return NR_PT * PTRS_PER_PTE + LISTED_AGAIN
}

/** Shadow words of the rules of the bound machine. */
export function ruleWords(): number {
  return HELD_END + listedMax() * (CLEARED_COLUMNS + WAITING_COLUMNS) + NR_PFNS
}

/** The rules of the bound machine are looked at; the arrays are bound. */
export function startRules(): void {
  const cleared = (checkState[RULES_AT] as number) + HELD_END
  checkState[LISTED_MAX] = listedMax()
  checkState[CLEARED_AT] = cleared
  checkState[WAITING_AT] = cleared + listedMax() * CLEARED_COLUMNS
  checkState[HAS_RULES] = 1
}

/** Times that pages are freed are counted, and plain stores looked at for it. */
export function startLives(): void {
  checkState[LIVES_AT] = (checkState[RULES_AT] as number) + ruleWords() - NR_PFNS
  checkState[WATCH_FROM] = Math.min(ZONE, LRUVEC_BASE, SPLIT_QUEUE_BASE)
}

export function bindRules(arrays: ArraySource): void {
  bindTables(NR_PT, arrays)
  bindLockRules(arrays)
}

/** How often the page with this PFN, the head of its folio, was freed. */
export function timesFreed(pfn: number): number {
  return shadow[(checkState[LIVES_AT] as number) + pfn] as number
}

export function ruleLocked(cpu: number, lock: number, lockClass: number): void {
  locksLocked(cpu, lock, lockClass)
  gatherLocked(cpu, lock, lockClass)
}

export function ruleUnlocked(cpu: number, lock: number, lockClass: number): void {
  locksUnlocked(cpu, lock)
  gatherUnlocked(cpu, lock, lockClass)
}

/** An atomic has added to a word that had the value `before`. */
export function ruleAdded(cpu: number, address: number, before: number, n: number): void {
  pendingAdded(cpu, address, before, n)
  countersAdded(address, before, n)
  gatherAdded(cpu, address, n)
}

/** The TLBs of an mm's CPUs have lost [start, end). */
export function ruleFlushed(cpu: number, mm: number, start: number, end: number): void {
  gatherFlushed(mm, start, end)
  pfnmapFlushed(cpu)
}

/** A plain store to a word from WATCH_FROM on is about to happen. */
export function ruleStore(address: number, old: number, value: number): void {
  const cpu = checkState[SELF] as number
  const isPage = address >= MEMMAP && address < MEMMAP + NR_PFNS * PAGE_WORDS
  if (!isPage || NO_PAGE_MAPCOUNT !== 0) {
    if (checkState[HAS_WATCHER] !== 0) tellStore(cpu, address, old, value)
    if (checkState[HAS_RULES] !== 0) {
      pendingStore(cpu, address, old, value)
      locksStore(cpu, address)
      gatherStore(cpu, address, old, value)
      pfnmapStore(cpu, address, old, value)
    }
  }
  if (isPage && (address - MEMMAP) % PAGE_WORDS === PAGE_FLAGS && isFree(value) && !isFree(old))
    pageFreed(cpu, address - PAGE_FLAGS)
}

/** A page (of a large folio, its head) is given to a per-CPU list or to the buddy allocator. */
function pageFreed(cpu: number, page: number): void {
  if (checkState[HAS_WATCHER] !== 0) tellFreed(cpu, page)
  if (checkState[HAS_RULES] !== 0) gatherFreed(cpu, page)
  const life = (checkState[LIVES_AT] as number) + pageToPfn(page)
  setShadow(life, (shadow[life] as number) + 1)
}

/** Do these flags say that a page is on a per-CPU list, or the buddy allocator's? */
function isFree(flags: number): boolean {
  const type = flags & PG_TYPE_MASK
  return type === PG_TYPE_PCP || type === PG_TYPE_BUDDY
}
