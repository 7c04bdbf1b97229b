/**
 * The figures that a sample of a live run consists of, and how each is read from the words of the machine.
 *
 * Totals are sums over the CPUs, under the keys of the report, so that the last sample of a run has the report's counts.
 * Each word is read as it is while CPUs go on: it was right at some moment of the sample, and words of one sample are not
 * of the same moment. Nothing is written. Counts are exact below 2^32 for each CPU.
 */

import {
  COUNTER_KEYS,
  E_IRQS_OFF_SLOTS_MAX,
  E_PAGES_FREED,
  E_PTES_CLEARED,
  EVENT_KEYS,
  LOCK_CLASS_KEYS,
  NR_COUNTERS,
} from '../machine/counters.ts'
import {
  BATCH_NR,
  CONTROL,
  CPU_EVENTS,
  CPU_LOCKSTAT,
  CTL_DONE,
  LOCKSTAT_WORDS,
  LRUVEC_SIZES,
  LRUVEC_WORDS,
  LS_ACQUISITIONS,
  LS_CONTENDED,
  LS_WAIT_TOTAL,
  NR_LRU_LISTS,
  TLB_ACTIVE,
  ZONE_FREE_PAGES,
} from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { cpuBlocks } from '../metrics/collect.ts'
import { loadWord } from '../sync/load-word.ts'
import type { WaitReader } from './sampled-waits.ts'

/** What figures are shown together. */
export const SERIES_GROUPS = ['counters', 'events', 'locks'] as const
type SeriesGroup = (typeof SERIES_GROUPS)[number]

export interface Series {
  readonly name: string
  /** Of a CPU (its number), of a group, or (undefined) of the machine. */
  readonly of: number | SeriesGroup | undefined
  readonly unit: 'count' | 'ns'
  readonly read: () => number
}

/** All series of a machine; `waits` is read before they are. */
export function seriesOf(machine: Machine, waits: WaitReader): Series[] {
  return [
    ...machineSeries(machine),
    ...totalSeries(machine),
    ...lockSeries(machine, waits),
    ...cpuBlocks(machine).flatMap((block, cpu) => cpuSeries(machine, block, cpu)),
  ]
}

function machineSeries({ words, globals }: Machine): Series[] {
  const { ZONE, LRUVEC_BASE, NR_LRUVECS } = globals
  const lruvecs = Array.from({ length: NR_LRUVECS }, (_, i): Series => {
    const sizes = LRUVEC_BASE + i * LRUVEC_WORDS + LRUVEC_SIZES
    return count(undefined, `lruvec ${i}: pages`, () => {
      let pages = 0
      for (let list = 0; list < NR_LRU_LISTS; list++) pages += loadWord(words, sizes + list)
      // a page that is between two lists is not to make it negative
      return Math.max(0, pages)
    })
  })
  return [
    count(undefined, 'zone: free pages', () => unsigned(words, ZONE + ZONE_FREE_PAGES)),
    count(undefined, 'processes done', () => unsigned(words, CONTROL + CTL_DONE)),
    ...lruvecs,
  ]
}

function totalSeries(machine: Machine): Series[] {
  const total = (event: number): number => sumOver(machine, CPU_EVENTS + event)
  return [
    ...COUNTER_KEYS.map((key, i) => count('counters', key, () => total(i))),
    ...EVENT_KEYS.map((key, i) => {
      const event = NR_COUNTERS + i
      const isMax = event === E_IRQS_OFF_SLOTS_MAX
      return count('events', key, () => (isMax ? largest(machine, event) : total(event)))
    }),
  ]
}

function lockSeries(machine: Machine, waits: WaitReader): Series[] {
  const { words } = machine
  const blocks = cpuBlocks(machine)
  const classes = LOCK_CLASS_KEYS.flatMap((key, lockClass): Series[] => {
    const stat = CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
    const seen = new Float64Array(blocks.length)
    const waitNs = (): number =>
      blocks.reduce((sum, block, cpu) => {
        // between the stores of its halves a sum lacks what it carries, but sums only grow
        seen[cpu] = Math.max(seen[cpu] as number, wide(words, block + stat + LS_WAIT_TOTAL))
        return sum + seen[cpu]
      }, 0)
    return [
      count('locks', `${key}: acquisitions`, () => sumOver(machine, stat + LS_ACQUISITIONS)),
      count('locks', `${key}: contended`, () => sumOver(machine, stat + LS_CONTENDED)),
      { name: `${key}: waited`, of: 'locks', unit: 'ns', read: waitNs },
      count('locks', `${key}: CPUs waiting`, () => waits.waiters[lockClass] as number),
    ]
  })
  return [...classes, count('locks', 'unknown class: CPUs waiting', () => waits.unknown)]
}

function cpuSeries({ words }: Machine, block: number, cpu: number): Series[] {
  const slots = (): number => {
    const active = loadWord(words, block + TLB_ACTIVE)
    return active === 0 ? 0 : unsigned(words, active + BATCH_NR)
  }
  const event = (which: number): number => unsigned(words, block + CPU_EVENTS + which)
  return [
    count(cpu, 'batch: slots', slots),
    count(cpu, 'PTEs cleared', () => event(E_PTES_CLEARED)),
    count(cpu, 'pages freed', () => event(E_PAGES_FREED)),
  ]
}

function count(of: Series['of'], name: string, read: () => number): Series {
  return { name, of, unit: 'count', read }
}

function unsigned(words: Int32Array, at: number): number {
  return loadWord(words, at) >>> 0
}

function sumOver({ words, globals }: Machine, offset: number): number {
  let sum = 0
  for (let cpu = 0; cpu < globals.NR_CPUS; cpu++)
    sum += unsigned(words, globals.CPU_BASE + cpu * globals.CPU_STRIDE + offset)
  return sum
}

function largest(machine: Machine, event: number): number {
  const { words } = machine
  return cpuBlocks(machine).reduce(
    (max, block) => Math.max(max, unsigned(words, block + CPU_EVENTS + event)),
    0,
  )
}

/** A sum of 62 bits in two words of 31, low first. */
function wide(words: Int32Array, at: number): number {
  for (;;) {
    const high = loadWord(words, at + 1)
    const low = loadWord(words, at)
    if (loadWord(words, at + 1) === high) return low + high * 0x80000000
  }
}
