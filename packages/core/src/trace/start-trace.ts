/**
 * Starts the trace of a run in the format that is asked for, and says what options there are.
 */

import type { Scenario } from '../scenario/scenario.ts'
import type { WriteBytes } from './byte-sink.ts'
import { FtraceWriter } from './ftrace.ts'
import { PerfettoWriter } from './perfetto.ts'
import { CollapsedWriter, SpeedscopeWriter } from './stack-writer.ts'
import { TimelineWriter } from './timeline.ts'
import { TraceRecorder } from './trace-recorder.ts'
import type { TraceFormat, TraceSubject, TraceWriter } from './trace-writer.ts'

export const TRACE_BYTES_MIN: number = 1 << 20
export const TRACE_BYTES_DEFAULT: number = 1 << 28

export interface TraceOptions {
  format: TraceFormat
  /** Takes the next bytes of the trace before it returns. */
  write: WriteBytes
  /** The trace is thinned out and ended so that it is not longer than this; default 256 MiB, at least 1 MiB. */
  bytesMax?: number
}

/** A recorder for the scenario's run at a clock of `mhz`. */
export function startTrace(
  scenario: Scenario,
  mhz: number,
  { format, write, bytesMax = TRACE_BYTES_DEFAULT }: TraceOptions,
): TraceRecorder {
  const { cpus } = scenario.machine
  const subject = subjectOf(scenario)
  const busyCpus = Math.min(cpus, processNames(scenario).length)
  return new TraceRecorder(newWriter(format, write, subject), { cpus, busyCpus, mhz, bytesMax })
}

export interface StartedTimeline {
  readonly writer: TimelineWriter
  readonly recorder: TraceRecorder
}

/** @param slotWords - of the strategy that runs. */
export function startTimeline(scenario: Scenario, mhz: number, slotWords: number): StartedTimeline {
  const { cpus } = scenario.machine
  const writer = new TimelineWriter(cpus, slotWords)
  const limits = { cpus, busyCpus: cpus, mhz, bytesMax: TRACE_BYTES_DEFAULT }
  return { writer, recorder: new TraceRecorder(writer, limits) }
}

function newWriter(format: TraceFormat, write: WriteBytes, subject: TraceSubject): TraceWriter {
  switch (format) {
    case 'perfetto':
      return new PerfettoWriter(write, subject)
    case 'ftrace':
      return new FtraceWriter(write, subject)
    case 'collapsed':
      return new CollapsedWriter(write, subject)
    default:
      return new SpeedscopeWriter(write, subject)
  }
}

/** What a trace says of the scenario. @param what - about the run, to be said first. */
export function subjectOf(scenario: Scenario, what?: string): TraceSubject {
  const { strategy, seed } = scenario
  const { cpus } = scenario.machine
  const names = processNames(scenario)
  return {
    title: `mmgather: ${what === undefined ? '' : `${what}: `}${strategy}, ${cpus} CPUs, seed ${seed}`,
    cpus,
    processName: (process: number) => names[process] ?? 'child',
  }
}

/** The group of each process, by its number: background groups are numbered last. */
function processNames({ processes }: Scenario): string[] {
  const inOrder = processes.toSorted((a, b) => Number(a.background) - Number(b.background))
  return inOrder.flatMap(({ name, count }) => Array.from({ length: count }, () => name))
}
