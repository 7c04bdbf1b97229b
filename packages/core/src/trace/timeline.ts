/**
 * What a report draws of one run: when each CPU waited for which lock and held which, and how its gathers filled their
 * batches. Plain data of bounded size.
 *
 * Where there are more intervals than a picture can show, neighbours of one CPU, kind and class that are closer than
 * `resolutionNs` are one: their busy times and their number are kept. Invariant: nothing is lost from the sums.
 */

import { LOCK_CLASS_KEYS } from '../machine/counters.ts'
import { CPU_BASE, CPU_LOCAL_BATCH, CPU_STRIDE } from '../machine/globals.ts'
import {
  BATCH_NEXT,
  BATCH_NR,
  BATCH_SLOTS,
  ENCODED_NR_PAGES_SHIFT,
  ENCODED_PAGE_BIT_NR_PAGES_NEXT,
  PAGE_WORDS,
  RANGE_END,
  RANGE_START,
  RANGE_WORDS,
  TLB_ACTIVE,
} from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import type { TraceWriter } from './trace-writer.ts'

export const TIMELINE_SCHEMA = 'mmgather/timeline@1'

/** begin, length, intervals that it stands for, nanoseconds of them that were busy. */
export type TimelineInterval = [begin: number, length: number, count: number, busy: number]

/** By lock class, in the order of LOCK_CLASS_KEYS; each in the order of time. */
export interface TimelineCpu {
  waits: TimelineInterval[][]
  holds: TimelineInterval[][]
}

/** A gather as it was when it was flushed. */
export interface TimelineGather {
  cpu: number
  flushedNs: number
  /**
   * The local batch first: pages in each slot (0: it holds the count of the slot before it), and when the slot was first
   * seen filled.
   */
  batches: { pages: number[]; filledNs: number[] }[]
}

export interface Timeline {
  schema: typeof TIMELINE_SCHEMA
  cpus: TimelineCpu[]
  /** Nanoseconds between which two intervals are told apart; 0: all are. */
  resolutionNs: number
  gathers: TimelineGather[]
  /** Gathers that were flushed with something in them. */
  flushes: number
}

/** Intervals in all at most. */
const INTERVALS_MAX = 60_000
/** An hour: a class of a CPU is one interval. */
const RESOLUTION_NS_MAX = 3_600_000_000_000
const GATHERS_MAX = 4
const SLOTS_MAX = 12_000

interface Open {
  begin: number
  lockClass: number
}

/** Gathers what is told of a run into a Timeline. */
export class TimelineWriter implements TraceWriter {
  readonly bytes = 0
  readonly events = 0
  readonly timeline: Timeline
  readonly #slotWords: number
  readonly #waits: (Open | undefined)[]
  readonly #holds: Open[][]
  /** By CPU: when each slot of the gather under way was first seen filled. */
  readonly #filledNs: number[][]
  #intervals = 0

  /** @param slotWords - of the run's strategy. */
  constructor(cpus: number, slotWords: number) {
    this.#slotWords = slotWords
    this.#waits = Array.from({ length: cpus }, () => undefined)
    this.#holds = Array.from({ length: cpus }, () => [])
    this.#filledNs = Array.from({ length: cpus }, () => [])
    this.timeline = {
      schema: TIMELINE_SCHEMA,
      cpus: Array.from({ length: cpus }, () => ({ waits: byClass(), holds: byClass() })),
      resolutionNs: 0,
      gathers: [],
      flushes: 0,
    }
  }

  enter(cpu: number, ns: number, name: string): void {
    if (name === 'tlbFlushMmu') this.#flush(cpu, ns)
  }

  waitBegin(cpu: number, ns: number, _lock: number, lockClass: number): void {
    this.#waits[cpu] = { begin: ns, lockClass }
  }

  waitEnd(cpu: number, ns: number): void {
    const open = this.#waits[cpu]
    this.#waits[cpu] = undefined
    if (open !== undefined) this.#add('waits', cpu, open, ns)
  }

  holdBegin(cpu: number, ns: number, _lock: number, lockClass: number): void {
    ;(this.#holds[cpu] as Open[]).push({ begin: ns, lockClass })
  }

  holdEnd(cpu: number, ns: number, lockClass: number): void {
    const holds = this.#holds[cpu] as Open[]
    const at = holds.findLastIndex((open) => open.lockClass === lockClass)
    const [open] = holds.splice(at, 1)
    if (open !== undefined) this.#add('holds', cpu, open, ns)
  }

  batchFill(cpu: number, ns: number): void {
    const filled = this.#filledNs[cpu] as number[]
    const slots = slotsBefore(cpu)
    if (slots < filled.length) filled.length = slots
    while (filled.length < Math.min(slots, SLOTS_MAX)) filled.push(ns)
  }

  leave(): void {}
  unlock(): void {}
  flushBegin(): void {}
  flushEnd(): void {}
  lruLength(): void {}
  freePages(): void {}
  switchProcess(): void {}
  settle(): void {}
  close(): void {}

  #add(kind: keyof TimelineCpu, cpu: number, { begin, lockClass }: Open, end: number): void {
    const { resolutionNs, cpus } = this.timeline
    const intervals = (cpus[cpu] as TimelineCpu)[kind][lockClass] as TimelineInterval[]
    const length = end - begin
    if (joinsLast(intervals, [begin, length, 1, length], resolutionNs)) return
    intervals.push([begin, length, 1, length])
    if (++this.#intervals > INTERVALS_MAX) this.#coarsen()
  }

  /** Doubles the resolution until half of the intervals is left. */
  #coarsen(): void {
    while (this.#intervals > INTERVALS_MAX / 2 && this.timeline.resolutionNs < RESOLUTION_NS_MAX) {
      this.timeline.resolutionNs = Math.max(16, this.timeline.resolutionNs * 2)
      this.#intervals = 0
      for (const cpu of this.timeline.cpus) {
        cpu.waits = cpu.waits.map((each) => joined(each, this.timeline.resolutionNs))
        cpu.holds = cpu.holds.map((each) => joined(each, this.timeline.resolutionNs))
        for (const each of [...cpu.waits, ...cpu.holds]) this.#intervals += each.length
      }
    }
  }

  /** tlb_flush_mmu begins: the gather is as full as it gets. */
  #flush(cpu: number, ns: number): void {
    this.batchFill(cpu, ns)
    const filled = this.#filledNs[cpu] as number[]
    if (filled.length === 0) return
    this.timeline.flushes++
    const { gathers } = this.timeline
    if (gathers.length < GATHERS_MAX && (gathers[0]?.cpu ?? cpu) === cpu) {
      const batches = this.#batchesOf(cpu)
      gathers.push({ cpu, flushedNs: ns, batches })
    }
    filled.length = 0
  }

  #batchesOf(cpu: number): TimelineGather['batches'] {
    const batches: TimelineGather['batches'] = []
    const filled = this.#filledNs[cpu] as number[]
    let before = 0
    for (const batch of batchesUpToActive(cpu)) {
      const nr = Math.min(mem[batch + BATCH_NR] as number, SLOTS_MAX - before)
      const pages =
        this.#slotWords === RANGE_WORDS
          ? pagesOfRanges(batch + BATCH_SLOTS, nr)
          : pagesOfEncoded(batch + BATCH_SLOTS, nr)
      if (nr > 0) batches.push({ pages, filledNs: filled.slice(before, before + nr) })
      before += nr
    }
    return batches
  }
}

function pagesOfRanges(slots: number, nr: number): number[] {
  return Array.from({ length: nr }, (_, i) => {
    const slot = slots + i * RANGE_WORDS
    const words = (mem[slot + RANGE_END] as number) - (mem[slot + RANGE_START] as number)
    return (words / PAGE_WORDS) | 0
  })
}

/** One page, or (from v6.9 on) as many as the slot behind it says, which has none itself. */
function pagesOfEncoded(slots: number, nr: number): number[] {
  const pages: number[] = []
  while (pages.length < nr) {
    const at = slots + pages.length
    const hasCount = ((mem[at] as number) & ENCODED_PAGE_BIT_NR_PAGES_NEXT) !== 0
    pages.push(hasCount ? (mem[at + 1] as number) >> ENCODED_NR_PAGES_SHIFT : 1)
    if (hasCount && pages.length < nr) pages.push(0)
  }
  return pages
}

function byClass(): TimelineInterval[][] {
  return LOCK_CLASS_KEYS.map(() => [])
}

/** An interval that is closer to the last one than `resolutionNs` becomes part of it. */
function joinsLast(
  intervals: readonly TimelineInterval[],
  [begin, length, count, busy]: TimelineInterval,
  resolutionNs: number,
): boolean {
  const last = intervals.at(-1)
  if (last === undefined || begin - (last[0] + last[1]) >= resolutionNs) return false
  last[1] = begin + length - last[0]
  last[2] += count
  last[3] += busy
  return true
}

function joined(intervals: readonly TimelineInterval[], resolutionNs: number): TimelineInterval[] {
  const kept: TimelineInterval[] = []
  for (const interval of intervals)
    if (!joinsLast(kept, interval, resolutionNs)) kept.push(interval)
  return kept
}

/** The batches of a CPU's gather that have slots, the local one first. */
function batchesUpToActive(cpu: number): number[] {
  const block = CPU_BASE + cpu * CPU_STRIDE
  const active = mem[block + TLB_ACTIVE] as number
  const batches: number[] = []
  if (active === 0) return batches
  let batch = block + CPU_LOCAL_BATCH
  while (batch !== 0) {
    batches.push(batch)
    if (batch === active) break
    batch = mem[batch + BATCH_NEXT] as number
  }
  return batches
}

/** Slots in all batches of a CPU's gather. */
function slotsBefore(cpu: number): number {
  let slots = 0
  for (const batch of batchesUpToActive(cpu)) slots += mem[batch + BATCH_NR] as number
  return slots
}
