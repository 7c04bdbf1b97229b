/**
 * Makes a trace of a run in virtual time: hears of it from profiled text, looks at the words of the machine for counters
 * and processes, and keeps the file within its limit.
 *
 * Detail (functions, holds of locks that did not wait, counters) is thinned out before the limit is reached. Each CPU has
 * an equal share of the bytes, since one may run far ahead of the others: once it has used half of it, only every second
 * window of virtual time has detail, once half of the rest is used every fourth, and so on. Waits, what follows from them,
 * and processes stay until the limit, where the trace ends. Nothing here changes a word of the machine or takes virtual
 * time.
 */

import { CPU_BASE, CPU_STRIDE, LRUVEC_BASE, MM_BASE, MM_STRIDE, ZONE } from '../machine/globals.ts'
import {
  BATCH_NR,
  CPU_CURRENT_MM,
  LRUVEC_SIZES,
  LRUVEC_WORDS,
  NR_LRU_LISTS,
  TLB_ACTIVE,
  ZONE_FREE_PAGES,
} from '../machine/layout.ts'
import { LRUVEC_CLASS, ZONE_CLASS } from '../machine/counters.ts'
import { mem } from '../machine/memory.ts'
import { settledCycles, type VirtualTracer } from '../sync/virtual-profiled.ts'
import { IDLE, type TraceWriter } from './trace-writer.ts'

/** Virtual time that has detail, or has none, as a whole. */
export const WINDOW_NS = 10_000
/** Calls between two looks at the limit. */
const LOOK_EVERY = 256
/** Bytes that are kept free for what comes between two looks. */
const RESERVE_BYTES = 65_536
/** The part of the limit that is shared out to CPUs; the rest is for waits beyond a CPU's share. */
const SHARED_OUT = 3 / 4
const EVERY_MAX = 1 << 20

/** What became of a trace. */
export interface TraceSummary {
  readonly events: number
  readonly bytes: number
  /** Of the CPU that was thinned out most, every so many windows have detail at the end; 1: all of it is there. */
  readonly every: number
  /** Virtual time from which not all detail is there; absent: all is. */
  readonly thinnedFromNs?: number
  /** Virtual time at which the limit ended it, up to which it is complete; absent: the whole run is in it. */
  readonly endedAtNs?: number
}

export class TraceRecorder implements VirtualTracer {
  readonly #writer: TraceWriter
  readonly #mhz: number
  readonly #bytesMax: number
  /** Bytes of one CPU. */
  readonly #share: number
  /** By CPU: every so many windows have detail; events of it. */
  readonly #every: Int32Array
  readonly #kept: Float64Array
  readonly #process: Int32Array
  readonly #batchFill: Int32Array
  /** By CPU and depth: is the begin of this function in the trace? */
  readonly #open: boolean[][]
  /** By CPU: the locks whose hold is in the trace. */
  readonly #held: number[][]
  /** By lruvec number: pages as last written. */
  readonly #lruLength = new Map<number, number>()
  #freePages = -1
  /** Events of the writer that have been counted, and whose the next ones are. */
  #seen = 0
  #lastCpu = 0
  #calls = 0
  #thinnedFromNs: number | undefined
  #endedAtNs: number | undefined
  #ns = 0

  /**
   * @param bytesMax - the trace ends before it is longer.
   * @param busyCpus - so many CPUs have processes.
   */
  constructor(
    writer: TraceWriter,
    {
      cpus,
      busyCpus,
      mhz,
      bytesMax,
    }: { cpus: number; busyCpus: number; mhz: number; bytesMax: number },
  ) {
    this.#writer = writer
    this.#mhz = mhz
    this.#bytesMax = bytesMax
    this.#share = (bytesMax * SHARED_OUT) / Math.max(1, busyCpus)
    this.#every = new Int32Array(cpus).fill(1)
    this.#kept = new Float64Array(cpus)
    this.#process = new Int32Array(cpus).fill(IDLE)
    this.#batchFill = new Int32Array(cpus)
    this.#open = Array.from({ length: cpus }, () => [])
    this.#held = Array.from({ length: cpus }, () => [])
  }

  /** The run has ended: hands on what is left. */
  close(): TraceSummary {
    this.#writer.close()
    return {
      events: this.#writer.events,
      bytes: this.#writer.bytes,
      every: this.#every.reduce((a, b) => Math.max(a, b), 1),
      ...(this.#thinnedFromNs !== undefined && { thinnedFromNs: this.#thinnedFromNs }),
      ...(this.#endedAtNs !== undefined && { endedAtNs: this.#endedAtNs }),
    }
  }

  enter(cpu: number, at: number, name: string): void {
    if (this.#isOver(cpu, at)) return
    this.#lookAtProcess(cpu)
    const isKept = this.#hasDetail(cpu)
    ;(this.#open[cpu] as boolean[]).push(isKept)
    if (!isKept) return
    this.#writer.enter(cpu, this.#ns, name)
  }

  leave(cpu: number, at: number): void {
    if (this.#isOver(cpu, at)) return
    this.#lookAtProcess(cpu)
    this.#lookAtBatch(cpu)
    if ((this.#open[cpu] as boolean[]).pop() !== true) return
    this.#writer.leave(cpu, this.#ns)
  }

  contended(cpu: number, at: number, lock: number, lockClass: number, holder: number): void {
    if (this.#isOver(cpu, at)) return
    this.#writer.waitBegin(cpu, this.#ns, lock, lockClass, holder)
  }

  acquired(cpu: number, at: number, lock: number, lockClass: number, flow: number): void {
    if (this.#isOver(cpu, at)) return
    if (flow !== 0) this.#writer.waitEnd(cpu, this.#ns, lock)
    else if (!this.#hasDetail(cpu)) return
    ;(this.#held[cpu] as number[]).push(lock)
    this.#writer.holdBegin(cpu, this.#ns, lock, lockClass, flow)
  }

  released(cpu: number, at: number, lock: number, lockClass: number, flow: number): void {
    if (this.#isOver(cpu, at)) return
    if (lockClass === LRUVEC_CLASS) this.#lookAtLruvec(cpu, lock)
    else if (lockClass === ZONE_CLASS) this.#lookAtZone(cpu)
    if (flow !== 0) this.#writer.unlock(cpu, this.#ns, lockClass, flow)
    const held = this.#held[cpu] as number[]
    const index = held.lastIndexOf(lock)
    if (index < 0) return
    held.splice(index, 1)
    this.#writer.holdEnd(cpu, this.#ns, lockClass)
  }

  flushing(cpu: number, at: number): void {
    if (this.#isOver(cpu, at)) return
    this.#writer.flushBegin(cpu, this.#ns)
  }

  flushed(cpu: number, at: number): void {
    if (this.#isOver(cpu, at)) return
    this.#writer.flushEnd(cpu, this.#ns)
  }

  /** Takes the time of an event; true: the trace has ended. */
  #isOver(cpu: number, at: number): boolean {
    if (this.#endedAtNs !== undefined) return true
    this.#ns = Math.floor((at * 1000) / this.#mhz)
    const { events } = this.#writer
    if (events !== this.#seen) {
      this.#kept[this.#lastCpu] = (this.#kept[this.#lastCpu] as number) + events - this.#seen
      this.#seen = events
    }
    this.#lastCpu = cpu
    if (++this.#calls % LOOK_EVERY === 0) this.#look(cpu)
    return this.#endedAtNs !== undefined
  }

  #look(cpu: number): void {
    const writer = this.#writer
    const settledNs = Math.floor((settledCycles() * 1000) / this.#mhz)
    writer.settle(settledNs)
    if (this.#bytesMax - writer.bytes < RESERVE_BYTES) {
      this.#endedAtNs = settledNs
      return
    }
    const used = (this.#kept[cpu] as number) * (writer.bytes / Math.max(1, writer.events))
    let every = this.#every[cpu] as number
    while (every < EVERY_MAX && this.#share - used < this.#share / (every * 2)) every *= 2
    if (every === this.#every[cpu]) return
    this.#every[cpu] = every
    this.#thinnedFromNs = Math.min(this.#thinnedFromNs ?? Infinity, this.#ns)
  }

  #hasDetail(cpu: number): boolean {
    const every = this.#every[cpu] as number
    return every === 1 || Math.floor(this.#ns / WINDOW_NS) % every === every - 1
  }

  #lookAtProcess(cpu: number): void {
    const mm = mem[blockOf(cpu) + CPU_CURRENT_MM] as number
    const process = mm === 0 ? IDLE : ((mm - MM_BASE) / MM_STRIDE) | 0
    const before = this.#process[cpu] as number
    if (process === before) return
    this.#process[cpu] = process
    this.#writer.switchProcess(cpu, this.#ns, before, process)
  }

  #lookAtBatch(cpu: number): void {
    const active = mem[blockOf(cpu) + TLB_ACTIVE] as number
    const slots = active === 0 ? 0 : (mem[active + BATCH_NR] as number)
    if (slots === this.#batchFill[cpu] || !this.#hasDetail(cpu)) return
    this.#batchFill[cpu] = slots
    this.#writer.batchFill(cpu, this.#ns, slots)
  }

  /** The lock is the first word of its lruvec. */
  #lookAtLruvec(cpu: number, lruvec: number): void {
    let pages = 0
    for (let list = 0; list < NR_LRU_LISTS; list++)
      pages += mem[lruvec + LRUVEC_SIZES + list] as number
    const number = ((lruvec - LRUVEC_BASE) / LRUVEC_WORDS) | 0
    if (pages === this.#lruLength.get(number) || !this.#hasDetail(cpu)) return
    this.#lruLength.set(number, pages)
    this.#writer.lruLength(number, this.#ns, pages)
  }

  #lookAtZone(cpu: number): void {
    const pages = mem[ZONE + ZONE_FREE_PAGES] as number
    if (pages === this.#freePages || !this.#hasDetail(cpu)) return
    this.#freePages = pages
    this.#writer.freePages(this.#ns, pages)
  }
}

function blockOf(cpu: number): number {
  return CPU_BASE + cpu * CPU_STRIDE
}
