/**
 * What every format of a sampled trace is told. Times are nanoseconds from the first sample and, but for phases, do not fall.
 */

import type { Series } from './sampled-series.ts'

/** Formats that samples can fill: the others need every call of a function. */
export const SAMPLED_TRACE_FORMATS = ['perfetto', 'ftrace'] as const
export type SampledTraceFormat = (typeof SAMPLED_TRACE_FORMATS)[number]

export interface SampleWriter {
  /** Bytes so far. */
  readonly bytes: number
  /** Packets of events, or lines, so far. */
  readonly events: number
  /** A figure has another value than before; `number`: its place among all series. */
  value(ns: number, series: Series, number: number, value: number): void
  /** What a CPU's thread is at from now on, exactly; undefined: nothing. */
  phase(cpu: number, ns: number, name: string | undefined): void
  /** A CPU was seen at process `to`, after `from`; IDLE: none. */
  process(cpu: number, ns: number, from: number, to: number): void
  /** A CPU was seen waiting for a lock of this class; undefined: it was seen not to wait any more. */
  wait(cpu: number, ns: number, lockClass: string | undefined): void
  /** Facts about the trace itself. */
  note(ns: number, name: string, facts: Readonly<Record<string, number>>): void
  /** The trace ends: everything is handed on. */
  close(): void
}
