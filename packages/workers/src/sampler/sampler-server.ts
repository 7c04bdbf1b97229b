/**
 * What the sampler's thread does: sleeps from one sample to the next, until the run is over.
 *
 * It only reads the machine, and waits for nothing in it, so a CPU thread never waits for the sampler; what it costs them
 * is the cache lines that it reads and, where there is no core left, a part of one. Times of phases are the CPU threads' own,
 * from their log rings.
 */

import { attachMachine, type Machine, SampledTrace } from '@mmgather/core'

import { type LogEvent, readLogFrom } from '../log-ring.ts'
import { TraceStream } from '../trace-stream.ts'
import {
  SAMPLER_END,
  SAMPLER_ORDER,
  SAMPLER_REST,
  SAMPLER_SAMPLE,
  type SamplerMessage,
  type SamplerThreadData,
} from './sampler-api.ts'

const NS_PER_MS = 1_000_000
const NS_PER_US = 1000
/** The longest sleep without a look at whether there is more to log. */
const SLEEP_MS_MAX = 1000

/** What a thread is at after it has logged this. */
const PHASES: Readonly<Record<LogEvent, string | undefined>> = {
  arrived: 'at the start barrier',
  started: 'runs',
  finished: undefined,
  left: undefined,
  bug: undefined,
  threw: undefined,
}

/** Blocks until the run that it is told of is over. */
export function serveSampler(
  { memory, scenario, traceFile, epoch, words }: SamplerThreadData,
  post: (message: SamplerMessage) => void,
): void {
  const machine = attachMachine(memory)
  const { format, bytesMax, periodUs } = traceFile
  const stream = new TraceStream(traceFile.fd)
  const trace = new SampledTrace(machine, scenario, {
    format,
    write: stream.write,
    ...(bytesMax !== undefined && { bytesMax }),
    ...(periodUs !== undefined && { periodUs }),
  })
  Atomics.wait(words, SAMPLER_ORDER, SAMPLER_REST)
  const phases = new PhaseReader(machine, trace, epoch)
  phases.read()
  trace.sample(0)
  post({ kind: 'sampling' })
  for (;;) {
    const order = sleepUntil(words, trace.nextNs - phases.nowNs())
    if (order === SAMPLER_END) break
    phases.read()
    if (phases.nowNs() >= trace.nextNs) trace.sample(phases.nowNs())
  }
  phases.read()
  const result = { ...trace.end(phases.nowNs()), ...stream.failure }
  post({ kind: 'ended', result })
}

/** Sleeps for so long, or until there is another order, which it returns. */
function sleepUntil(words: Int32Array, ns: number): number {
  if (ns > 0)
    Atomics.wait(words, SAMPLER_ORDER, SAMPLER_SAMPLE, Math.min(ns / NS_PER_MS, SLEEP_MS_MAX))
  return Atomics.load(words, SAMPLER_ORDER)
}

/** Tells a trace what CPU threads have logged since the last look. */
class PhaseReader {
  readonly #machine: Machine
  readonly #trace: SampledTrace
  /** The sampler's start, in ns from the epoch of the CPU threads. */
  readonly #zeroNs: number
  readonly #epoch: bigint
  /** By CPU: the number of the next record. */
  readonly #next: number[]

  constructor(machine: Machine, trace: SampledTrace, epoch: bigint) {
    this.#machine = machine
    this.#trace = trace
    this.#epoch = epoch
    this.#zeroNs = Number(process.hrtime.bigint() - epoch)
    this.#next = Array.from({ length: machine.globals.NR_CPUS }, () => 0)
  }

  /** From the sampler's start. */
  nowNs(): number {
    return Number(process.hrtime.bigint() - this.#epoch) - this.#zeroNs
  }

  read(): void {
    this.#next.forEach((first, cpu) => {
      const { records, next } = readLogFrom(this.#machine, cpu, first)
      if (next === first) return
      this.#next[cpu] = next
      const nowUs = Math.floor((this.nowNs() + this.#zeroNs) / NS_PER_US)
      for (const { event, timeUs } of records) {
        // microseconds in 32 bits come round after 71 minutes, ages do not
        const ageUs = ((nowUs | 0) - timeUs) | 0
        const ns = (nowUs - ageUs) * NS_PER_US - this.#zeroNs
        this.#trace.phase(cpu, Math.max(0, ns), PHASES[event])
      }
    })
  }
}
