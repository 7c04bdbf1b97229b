/**
 * A trace as the kernel's own text: the lines of /sys/kernel/tracing/trace, with the tracepoints and the formats of
 * include/trace/events/{sched,lock}.h (v6.12), for Perfetto, Trace Compass and scripts that read ftrace.
 *
 * A lock is the number of its word, where the kernel prints an address; a comment names its class when it first appears.
 * CPUs run ahead of each other, so lines wait until nothing earlier can come. Invariant: times of lines do not fall.
 */

import { LOCK_CLASS_KEYS } from '../machine/counters.ts'
import { ByteSink, type WriteBytes } from './byte-sink.ts'
import { IDLE, type TraceSubject, type TraceWriter } from './trace-writer.ts'

/** Lines that wait before it is worth sorting them. */
const PENDING_MIN = 8192
const NS_PER_SECOND = 1_000_000_000
/** TASK_COMM_LEN - 1 */
const COMM_CHARS_MAX = 15

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
    const title = subject.title.replaceAll(/\s+/g, ' ')
    this.#sink.text(`# tracer: nop\n#\n# ${title}, in virtual time\n#\n`)
    this.#sink.text('#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n')
    this.#sink.text('#              | |         |   |||||     |         |\n')
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
    if (from !== IDLE)
      this.#line(cpu, ns, `sched_process_exit: comm=${this.#comm(from)} pid=${pid(from)} prio=120`)
    const prev =
      from === IDLE
        ? `prev_comm=swapper/${cpu} prev_pid=0 prev_prio=120 prev_state=R`
        : `prev_comm=${this.#comm(from)} prev_pid=${pid(from)} prev_prio=120 prev_state=X`
    const next =
      to === IDLE
        ? `next_comm=swapper/${cpu} next_pid=0 next_prio=120`
        : `next_comm=${this.#comm(to)} next_pid=${pid(to)} next_prio=120`
    this.#line(cpu, ns, `sched_switch: ${prev} ==> ${next}`)
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
    const comm = process === IDLE ? '<idle>' : this.#comm(process)
    const task = `${comm.padStart(16)}-${String(pid(process)).padEnd(7)}`
    const where = `[${String(cpu).padStart(3, '0')}]`
    this.#pending.push({ ns, text: `${task} ${where} ..... ${seconds(ns)}: ${event}\n` })
  }

  #comm(process: number): string {
    // what would end the field or the line is not part of it
    const name = this.#subject.processName(process).replaceAll(/[\s\p{C}=]/gu, '_')
    return Array.from(name).slice(0, COMM_CHARS_MAX).join('')
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

/** Processes are numbered from 0 on, and pid 0 is the idle task. */
function pid(process: number): number {
  return process + 1
}

/** %p */
function pointer(lock: number): string {
  return lock.toString(16).padStart(16, '0')
}

function seconds(ns: number): string {
  const whole = String(Math.floor(ns / NS_PER_SECOND)).padStart(5)
  return `${whole}.${String(ns % NS_PER_SECOND).padStart(9, '0')}`
}
