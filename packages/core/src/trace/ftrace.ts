/**
 * A trace as the kernel's own text: the lines of /sys/kernel/tracing/trace, with the tracepoints and the formats of
 * include/trace/events/{sched,lock}.h (v6.12), for Perfetto, Trace Compass and scripts that read ftrace.
 *
 * A lock is the number of its word, where the kernel prints an address; a comment names its class when it first appears.
 * CPUs run ahead of each other, so lines wait until nothing earlier can come. Invariant: times of lines do not fall.
 */

import { LOCK_CLASS_KEYS } from '../machine/counters.ts'
import { ByteSink, type WriteBytes } from './byte-sink.ts'
import { commOf, ftraceHead, ftraceLine, ftraceSwitch, pidOf } from './ftrace-lines.ts'
import { IDLE, type TraceSubject, type TraceWriter } from './trace-writer.ts'

/** Lines that wait before it is worth sorting them. */
const PENDING_MIN = 8192

interface Line {
  readonly ns: number
  readonly text: string
}

export class FtraceWriter implements TraceWriter {
  readonly #sink: ByteSink
  readonly #subject: TraceSubject
  /** By CPU: the process that it runs. */
  readonly #running: number[]
  readonly #known = new Set<number>()
  #pending: Line[] = []
  #sortAt = PENDING_MIN
  #events = 0

  constructor(write: WriteBytes, subject: TraceSubject) {
    this.#sink = new ByteSink(write)
    this.#subject = subject
    this.#running = Array.from({ length: subject.cpus }, () => IDLE)
    this.#sink.text(ftraceHead([`${subject.title}, in virtual time`]))
  }

  get bytes(): number {
    return this.#sink.bytes
  }

  get events(): number {
    return this.#events
  }

  waitBegin(cpu: number, ns: number, lock: number, lockClass: number): void {
    if (!this.#known.has(lock)) {
      this.#known.add(lock)
      const key = LOCK_CLASS_KEYS[lockClass] as string
      this.#pending.push({ ns, text: `# ${pointer(lock)} is a ${key} lock\n` })
    }
    this.#line(cpu, ns, `contention_begin: ${pointer(lock)} (flags=SPIN)`)
  }

  waitEnd(cpu: number, ns: number, lock: number): void {
    this.#line(cpu, ns, `contention_end: ${pointer(lock)} (ret=0)`)
  }

  switchProcess(cpu: number, ns: number, from: number, to: number): void {
    for (const event of ftraceSwitch(this.#subject, cpu, from, to)) this.#line(cpu, ns, event)
    this.#running[cpu] = to
  }

  settle(ns: number): void {
    if (this.#pending.length >= this.#sortAt) this.#writeBefore(ns)
  }

  close(): void {
    this.#writeBefore(Infinity)
    this.#sink.flush()
  }

  enter(): void {}
  leave(): void {}
  holdBegin(): void {}
  holdEnd(): void {}
  unlock(): void {}
  flushBegin(): void {}
  flushEnd(): void {}
  batchFill(): void {}
  lruLength(): void {}
  freePages(): void {}

  #line(cpu: number, ns: number, event: string): void {
    this.#events++
    const process = this.#running[cpu] as number
    const comm = process === IDLE ? '<idle>' : commOf(this.#subject, process)
    this.#pending.push({ ns, text: ftraceLine(comm, pidOf(process), cpu, ns, event) })
  }

  #writeBefore(ns: number): void {
    this.#pending.sort((a, b) => a.ns - b.ns)
    const kept = this.#pending.findIndex((line) => line.ns >= ns)
    const ready = kept < 0 ? this.#pending : this.#pending.slice(0, kept)
    for (const { text } of ready) this.#sink.text(text)
    this.#pending = kept < 0 ? [] : this.#pending.slice(kept)
    this.#sortAt = Math.max(PENDING_MIN, this.#pending.length * 2)
  }
}

/** %p */
function pointer(lock: number): string {
  return lock.toString(16).padStart(16, '0')
}
