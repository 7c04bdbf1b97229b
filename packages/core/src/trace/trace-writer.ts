/**
 * What every format of a trace is told, in nanoseconds of virtual time.
 *
 * Invariants: times of one CPU do not fall; begins and ends of one CPU and kind pair up, innermost first, except for those
 * still open when the trace closes.
 */

export const TRACE_FORMATS = ['perfetto', 'ftrace', 'collapsed', 'speedscope'] as const
export type TraceFormat = (typeof TRACE_FORMATS)[number]

/** The run, as far as a trace names it. */
export interface TraceSubject {
  readonly title: string
  readonly cpus: number
  /** Name of a process, by its number. */
  readonly processName: (process: number) => string
}

/** No process: the CPU is idle. */
export const IDLE = -1

export interface TraceWriter {
  /** Bytes so far. */
  readonly bytes: number
  /** What the trace has of events so far: packets, lines, or stacks. */
  readonly events: number
  enter(cpu: number, ns: number, name: string): void
  leave(cpu: number, ns: number): void
  waitBegin(cpu: number, ns: number, lock: number, lockClass: number, holder: number): void
  waitEnd(cpu: number, ns: number, lock: number): void
  /** `flow`: the number of the release that this acquisition waited for; 0: it did not wait. */
  holdBegin(cpu: number, ns: number, lock: number, lockClass: number, flow: number): void
  holdEnd(cpu: number, ns: number, lockClass: number): void
  /** A release that CPUs wait for, before the end of its hold. */
  unlock(cpu: number, ns: number, lockClass: number, flow: number): void
  flushBegin(cpu: number, ns: number): void
  flushEnd(cpu: number, ns: number): void
  /** Slots in the active batch of a CPU's gather. */
  batchFill(cpu: number, ns: number, slots: number): void
  /** Pages on all lists of a lruvec. */
  lruLength(lruvec: number, ns: number, pages: number): void
  freePages(ns: number, pages: number): void
  /** The CPU stops running process `from` and runs `to`; IDLE: none. */
  switchProcess(cpu: number, ns: number, from: number, to: number): void
  /** Nothing earlier will come. */
  settle(ns: number): void
  /** The trace ends: everything is handed on. */
  close(): void
}
