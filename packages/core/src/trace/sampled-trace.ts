/**
 * A trace of a live run, by samples: reads figures of the machine now and then while its CPUs work, and writes those that
 * have changed.
 *
 * The CPUs are neither asked nor stopped; nothing of the machine is written. The last sample, of a machine whose CPUs are
 * done, has every total as the report counts it. Samples become rarer before the limit is reached: once half of the bytes
 * are used a period is four times as long, once half of the rest is used sixteen times, and so on, so that each part lasts
 * twice as long as the one before. Memory does not grow with the run.
 */

import { LOCK_CLASS_KEYS } from '../machine/counters.ts'
import { CPU_CURRENT_MM } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { cpuBlocks } from '../metrics/collect.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { loadWord } from '../sync/load-word.ts'
import type { WriteBytes } from './byte-sink.ts'
import { SamplePacer } from './sample-pacer.ts'
import type { SampledTraceFormat, SampleWriter } from './sample-writer.ts'
import { SampledFtraceWriter } from './sampled-ftrace.ts'
import { SampledPerfettoWriter } from './sampled-perfetto.ts'
import { type Series, seriesOf } from './sampled-series.ts'
import { NO_WAIT, WAIT_UNKNOWN, WaitReader } from './sampled-waits.ts'
import { subjectOf, TRACE_BYTES_DEFAULT } from './start-trace.ts'
import { IDLE } from './trace-writer.ts'

export const SAMPLE_US_DEFAULT = 100
export const SAMPLE_US_MIN = 10
export const SAMPLE_US_MAX = 1_000_000

const NS_PER_US = 1000
/** What one figure takes of the file at most: its track, and a value. */
const BYTES_OF_SERIES = 160
/** What a CPU takes for its tracks, phases, process and wait. */
const BYTES_OF_CPU = 512
/** Notes, groups, and what buffers hold. */
const BYTES_OF_REST = 16_384
const HALVINGS_MAX = 20

export interface SampledTraceOptions {
  format: SampledTraceFormat
  /** Takes the next bytes of the trace before it returns. */
  write: WriteBytes
  /** The trace is not longer than this; default 256 MiB, at least 1 MiB. */
  bytesMax?: number
  /** Microseconds from one sample to the next; default 100. */
  periodUs?: number
}

/** What became of a sampled trace. */
export interface SampledTraceSummary {
  readonly samples: number
  /** Moments at which a sample was due and none was taken. */
  readonly missed: number
  readonly events: number
  readonly bytes: number
  /** The period that was asked for. */
  readonly periodNsAsked: number
  /** The mean time between two samples; 0: there are no two. */
  readonly periodNsAchieved: number
  /** The longest time between two samples. */
  readonly gapNsMax: number
  /** From here on samples were rarer, so that the limit is kept; absent: they were not. */
  readonly thinnedFromNs?: number
  /** The period at the end. */
  readonly periodNsEnd: number
  /** From here on only the last sample is there, for the limit is reached; absent: all are. */
  readonly endedAtNs?: number
}

export class SampledTrace {
  readonly #writer: SampleWriter
  readonly #waits: WaitReader
  readonly #series: readonly Series[]
  readonly #words: Int32Array
  readonly #blocks: readonly number[]
  readonly #mmBase: number
  readonly #mmStride: number
  readonly #pacer: SamplePacer
  readonly #periodNs: number
  readonly #bytesMax: number
  /** What one sample takes at most. */
  readonly #sampleBytesMax: number
  /** By series: the value that was written last. */
  readonly #last: Float64Array
  /** By CPU, as last written. */
  readonly #process: Int32Array
  readonly #waitsFor: Int32Array
  /** So often half of the bytes that were left has been used. */
  #halvings = 0
  #thinnedFromNs: number | undefined
  #endedAtNs: number | undefined

  /** @param scenario - that the machine was made for and populated with. */
  constructor(
    machine: Machine,
    scenario: Scenario,
    {
      format,
      write,
      bytesMax = TRACE_BYTES_DEFAULT,
      periodUs = SAMPLE_US_DEFAULT,
    }: SampledTraceOptions,
  ) {
    const { globals } = machine
    const subject = subjectOf(scenario, `live run, sampled every ${periodUs} µs`)
    this.#writer =
      format === 'perfetto'
        ? new SampledPerfettoWriter(write, subject)
        : new SampledFtraceWriter(write, subject, globals.NR_PROCESSES + globals.NR_CHILD_MMS)
    this.#waits = new WaitReader(machine, LOCK_CLASS_KEYS.length)
    this.#series = seriesOf(machine, this.#waits)
    this.#words = machine.words
    this.#blocks = cpuBlocks(machine)
    this.#mmBase = globals.MM_BASE
    this.#mmStride = globals.MM_STRIDE
    this.#periodNs = periodUs * NS_PER_US
    this.#pacer = new SamplePacer(this.#periodNs, 0)
    this.#bytesMax = bytesMax
    this.#sampleBytesMax =
      this.#series.length * BYTES_OF_SERIES + globals.NR_CPUS * BYTES_OF_CPU + BYTES_OF_REST
    this.#last = new Float64Array(this.#series.length)
    this.#process = new Int32Array(globals.NR_CPUS).fill(IDLE)
    this.#waitsFor = new Int32Array(globals.NR_CPUS).fill(NO_WAIT)
  }

  /** When the next sample is due, in ns from the first. */
  get nextNs(): number {
    return this.#endedAtNs === undefined ? this.#pacer.nextNs : Infinity
  }

  /** A CPU's thread begins to do something, or (undefined) has left the run. */
  phase(cpu: number, ns: number, name: string | undefined): void {
    this.#writer.phase(cpu, ns, name)
  }

  /** Reads and writes a sample at `ns`; the first is at 0. */
  sample(ns: number): void {
    if (this.#endedAtNs !== undefined) return
    this.#pacer.take(ns)
    this.#write(ns, false)
    this.#look(ns)
  }

  /** The run has ended at `ns`: the last sample, with every figure that was ever there. */
  end(ns: number): SampledTraceSummary {
    if (this.#endedAtNs === undefined) this.#pacer.take(ns)
    this.#write(ns, true)
    const { samples, missed, achievedNs, gapNsMax, periodNs } = this.#pacer
    this.#writer.note(ns, 'sampling ended', {
      samples,
      samples_missed: missed,
      period_ns_asked: this.#periodNs,
      period_ns_achieved: Math.round(achievedNs),
      gap_ns_max: gapNsMax,
      ...(this.#thinnedFromNs !== undefined && { rarer_from_ns: this.#thinnedFromNs }),
      ...(this.#endedAtNs !== undefined && { none_from_ns: this.#endedAtNs }),
    })
    this.#writer.close()
    return {
      samples,
      missed,
      events: this.#writer.events,
      bytes: this.#writer.bytes,
      periodNsAsked: this.#periodNs,
      periodNsAchieved: Math.round(achievedNs),
      gapNsMax,
      ...(this.#thinnedFromNs !== undefined && { thinnedFromNs: this.#thinnedFromNs }),
      periodNsEnd: periodNs,
      ...(this.#endedAtNs !== undefined && { endedAtNs: this.#endedAtNs }),
    }
  }

  /** @param isLast - figures that have not changed are written again, so that tracks reach to the end. */
  #write(ns: number, isLast: boolean): void {
    this.#waits.read()
    this.#blocks.forEach((block, cpu) => {
      this.#lookAtProcess(cpu, block, ns)
      this.#lookAtWait(cpu, ns)
    })
    this.#series.forEach((series, i) => {
      const value = series.read()
      const last = this.#last[i] as number
      if (value === last && !(isLast && value !== 0)) return
      this.#last[i] = value
      this.#writer.value(ns, series, i, value)
    })
  }

  #lookAtProcess(cpu: number, block: number, ns: number): void {
    const mm = loadWord(this.#words, block + CPU_CURRENT_MM)
    const process = mm === 0 ? IDLE : ((mm - this.#mmBase) / this.#mmStride) | 0
    const before = this.#process[cpu] as number
    if (process === before) return
    this.#process[cpu] = process
    this.#writer.process(cpu, ns, before, process)
  }

  #lookAtWait(cpu: number, ns: number): void {
    const waitsFor = this.#waits.cpus[cpu] as number
    const before = this.#waitsFor[cpu] as number
    if (waitsFor === before) return
    this.#waitsFor[cpu] = waitsFor
    if (before !== NO_WAIT) this.#writer.wait(cpu, ns, undefined)
    if (waitsFor === NO_WAIT) return
    const known = waitsFor === WAIT_UNKNOWN ? 'some' : (LOCK_CLASS_KEYS[waitsFor] as string)
    this.#writer.wait(cpu, ns, known)
  }

  #look(ns: number): void {
    const { bytes } = this.#writer
    // the next sample, and the last
    const limit = this.#bytesMax - 2 * this.#sampleBytesMax
    if (bytes > limit) {
      this.#endedAtNs = ns
      return
    }
    const before = this.#halvings
    while (this.#halvings < HALVINGS_MAX && limit - bytes < limit / 2 ** (this.#halvings + 1))
      this.#halvings++
    if (this.#halvings === before) return
    this.#pacer.slowDown(this.#periodNs * 4 ** this.#halvings)
    this.#thinnedFromNs ??= ns
  }
}
