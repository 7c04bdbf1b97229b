/**
 * A mutation: what is broken in which machine, and what verify must report; with the places of words to break.
 */
import {
  CPU_BASE,
  CPU_STRIDE,
  LRUVEC_BASE,
  NR_LRUVECS,
  SPLIT_QUEUE_BASE,
  ZONE,
} from '../../../src/machine/globals.ts'
import {
  CPU_EVENTS,
  FOLIO_ORDER,
  FREE_AREA_NR_FREE,
  FREE_AREA_WORDS,
  LRU_UNEVICTABLE,
  LRUVEC_LISTS,
  LRUVEC_WORDS,
  MAX_ORDER,
  MM_PGD,
  NR_PCP_LISTS,
  PCP_LISTS,
  PG_ANON,
  PG_HEAD,
  PG_LRU,
  PG_SWAPCACHE,
  PG_TYPE_MASK,
  PG_TYPE_RESERVED,
  PG_UNEVICTABLE,
  PMD_SHIFT,
  SPLIT_QUEUE_LEN,
  SPLIT_QUEUE_WORDS,
  ZONE_FREE_AREA,
} from '../../../src/machine/layout.ts'
import { load } from '../../../src/machine/memory.ts'
import { pageToPfn, pfnToPage } from '../../../src/machine/page.ts'
import { tableContent } from '../../../src/machine/pgtable.ts'
import { FIRST_START } from '../../../src/scenario/limits.ts'
import type { Census } from '../../../src/index.ts'
import { findPfn, mmAt } from './support.ts'

/**
 * Before the run, after it, between two munmaps (some folios wait to be split), before it in sparse memory; after the run
 * of a program; before the run of linux-6.18.
 */
export type Stage = 'populated' | 'tornDown' | 'halfway' | 'sparse' | 'forked' | 'mmSlots'

/** Breaks the bound machine; may return another census to verify with. */
type Break = (census: Census) => Census | void

export interface Mutation {
  /** The rule that must be reported, and no other. */
  rule: string
  stage: Stage
  what: string
  breakIt: Break
}

export function mutation(rule: string, stage: Stage, what: string, breakIt: Break): Mutation {
  return { rule, stage, what, breakIt }
}

export const cpu0 = (): number => CPU_BASE
export const cpu1 = (): number => CPU_BASE + CPU_STRIDE
export const eventWord = (event: number): number => cpu0() + CPU_EVENTS + event

/** Flags of nothing that is a small folio. */
const NOT_SMALL = PG_TYPE_MASK | PG_HEAD

/** A small folio in use, not in the swap cache. */
export function smallFolio(set: number = PG_ANON | PG_LRU, clear: number = PG_UNEVICTABLE): number {
  return pfnToPage(findPfn(set, clear | NOT_SMALL | PG_SWAPCACHE))
}

/** A folio of this order in use, not in the swap cache. */
export function largeFolio(order: number, set: number = PG_ANON): number {
  const find = (from: number): number => findPfn(set | PG_HEAD, PG_TYPE_MASK | PG_SWAPCACHE, from)
  let pfn = find(0)
  while (load(pfnToPage(pfn) + FOLIO_ORDER) !== order) pfn = find(pfn + 1)
  return pfnToPage(pfn)
}

export function pageOfType(type: number, from = 0): number {
  let pfn = from
  while ((load(pfnToPage(pfn)) & PG_TYPE_MASK) !== type) pfn++
  return pfnToPage(pfn)
}

/** A reserved page at an odd PFN before another. */
export function oddReservedPage(): number {
  let pfn = pageToPfn(pageOfType(PG_TYPE_RESERVED))
  while (pfn % 2 === 0 || (load(pfnToPage(pfn + 1)) & PG_TYPE_MASK) !== PG_TYPE_RESERVED)
    pfn = pageToPfn(pageOfType(PG_TYPE_RESERVED, pfn + 1))
  return pfnToPage(pfn)
}

/** The PUD entry above the first process's first VMA. */
export function pudEntry(): number {
  return load(tableContent(load(mmAt(0) + MM_PGD)))
}

/** Address of the PMD entry of a page of the first process, counted from its first VMA. */
export function pmdAt(page: number): number {
  return tableContent(pudEntry()) + (((FIRST_START + page) >> PMD_SHIFT) & 511)
}

/** Address of the PTE of such a page. */
export function pteAt(page: number): number {
  return tableContent(load(pmdAt(page))) + ((FIRST_START + page) & 511)
}

/** The first list that is not empty. */
export function notEmpty(heads: readonly number[]): number {
  const head = heads.find((at) => load(at) !== at)
  if (head === undefined) throw new Error('all lists are empty')
  return head
}

/** The LRU lists of all lruvecs, without the unevictable ones. */
export const lruLists = (): number[] =>
  Array.from({ length: NR_LRUVECS * LRU_UNEVICTABLE }, (_, i) => {
    const lruvec = LRUVEC_BASE + Math.floor(i / LRU_UNEVICTABLE) * LRUVEC_WORDS
    return lruvec + LRUVEC_LISTS + (i % LRU_UNEVICTABLE) * 2
  })

export const pcpLists = (): number[] =>
  Array.from({ length: NR_PCP_LISTS }, (_, i) => cpu0() + PCP_LISTS + i * 2)

export const freeArea = (order: number): number => ZONE + ZONE_FREE_AREA + order * FREE_AREA_WORDS

export const freeLists = (order: number): number[] => [0, 2, 4].map((mt) => freeArea(order) + mt)

/** The smallest order, from `least` on, with a free block. */
export function freeOrder(least: number): number {
  for (let order = least; order <= MAX_ORDER; order++)
    if (load(freeArea(order) + FREE_AREA_NR_FREE) > 0) return order
  throw new Error('no free block')
}

/** A deferred split queue that is not empty. */
export function splitQueue(): number {
  let queue = SPLIT_QUEUE_BASE
  while (load(queue + SPLIT_QUEUE_LEN) === 0) queue += SPLIT_QUEUE_WORDS
  return queue
}
