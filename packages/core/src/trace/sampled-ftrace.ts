/**
 * A sampled trace as the kernel's own text: figures as counters that user space writes to trace_marker (`C|pid|name|value`,
 * the form that Perfetto reads), processes as sched_switch.
 *
 * There are no contention_begin and contention_end: samples do not see every wait, and whoever counted those lines would
 * count too few. Which CPUs wait is a figure. Invariant: times of lines do not fall.
 */

import { ByteSink, type WriteBytes } from './byte-sink.ts'
import { commOf, ftraceHead, ftraceLine, ftraceSwitch, pidOf } from './ftrace-lines.ts'
import type { SampleWriter } from './sample-writer.ts'
import type { Series } from './sampled-series.ts'
import { IDLE, type TraceSubject } from './trace-writer.ts'

/** The task that writes the figures: behind the pids of processes. */
const SAMPLER = 'sampler'

export class SampledFtraceWriter implements SampleWriter {
  readonly #sink: ByteSink
  readonly #subject: TraceSubject
  readonly #pid: number
  #events = 0

  /** @param processes - so many have a number. */
  constructor(write: WriteBytes, subject: TraceSubject, processes: number) {
    this.#sink = new ByteSink(write)
    this.#subject = subject
    this.#pid = pidOf(processes)
    this.#sink.text(
      ftraceHead([
        subject.title,
        'Figures were read while the CPUs went on; what happened between two samples is not in here.',
        'Times of sched_switch are those of the samples that saw it.',
      ]),
    )
  }

  get bytes(): number {
    return this.#sink.bytes
  }

  get events(): number {
    return this.#events
  }

  value(ns: number, { name, of }: Series, _number: number, value: number): void {
    const owner = of === undefined ? '' : typeof of === 'number' ? `CPU ${of} ` : `${of} `
    this.#line(
      SAMPLER,
      this.#pid,
      0,
      ns,
      `tracing_mark_write: C|${this.#pid}|${owner}${name}|${value}`,
    )
  }

  phase(): void {}

  process(cpu: number, ns: number, from: number, to: number): void {
    const comm = from === IDLE ? '<idle>' : commOf(this.#subject, from)
    for (const event of ftraceSwitch(this.#subject, cpu, from, to))
      this.#line(comm, pidOf(from), cpu, ns, event)
  }

  wait(): void {}

  note(_ns: number, name: string, facts: Readonly<Record<string, number>>): void {
    const words = Object.entries(facts).map(([fact, value]) => `${fact}=${value}`)
    this.#sink.text(`# ${name}: ${words.join(' ')}\n`)
  }

  close(): void {
    this.#sink.flush()
  }

  #line(comm: string, pid: number, cpu: number, ns: number, event: string): void {
    this.#events++
    this.#sink.text(ftraceLine(comm, pid, cpu, ns, event))
  }
}
