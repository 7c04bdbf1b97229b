/**
 * The main thread's end of the sampler: starts its thread, tells it when a run begins and ends.
 *
 * Invariant: whatever becomes of the sampler, the run goes on: a thread that is lost leaves a trace that is lost, and `result`
 * says so. After `close` the thread has ended.
 */

import type { Machine, Scenario } from '@mmgather/core'
import { Worker } from 'node:worker_threads'

import {
  SAMPLER_END,
  SAMPLER_ORDER,
  SAMPLER_SAMPLE,
  type SampledTraceFile,
  type SampledTraceResult,
  type SamplerMessage,
  type SamplerThreadData,
} from './sampler-api.ts'

/** A thread of the sampler needs little heap: the trace goes to its file. */
const HEAP_MB = 128

/** Why there is no trace of a run that was sampled. */
export class SamplerLostError extends Error {
  constructor(why: string) {
    super(`the sampler's thread was lost: ${why}`)
    this.name = 'SamplerLostError'
  }
}

export class Sampler {
  /** What became of the trace; undefined: no run was sampled to its end. */
  result: SampledTraceResult | SamplerLostError | undefined
  readonly #worker: Worker
  readonly #words = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #sampling = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<void>()
  #isClosed = false

  /** @param epoch - of the CPU threads. */
  constructor(
    machine: Machine,
    scenario: Scenario,
    traceFile: SampledTraceFile,
    epoch: bigint,
    entry: URL = new URL(import.meta.resolve('@mmgather/workers/sampler-worker')),
  ) {
    const { memory } = machine
    this.#worker = new Worker(entry, {
      name: 'mmgather sampler',
      workerData: {
        memory,
        scenario,
        traceFile,
        epoch,
        words: this.#words,
      } satisfies SamplerThreadData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    })
    this.#worker.on('message', (message: SamplerMessage) => {
      if (message.kind === 'ended') this.result = message.result
      this.#settle(message.kind === 'ended')
    })
    this.#worker.on('messageerror', (error) => this.#lose(error.message))
    this.#worker.on('error', (error) => this.#lose(String(error)))
    this.#worker.on('exit', (code) => this.#lose(`it ended with exit code ${code}`))
  }

  /** Takes the first sample of a populated machine, and goes on by itself. Never rejects. */
  begin(): Promise<void> {
    this.#tell(SAMPLER_SAMPLE)
    return this.#sampling.promise
  }

  /** Takes the last sample. Never rejects. */
  end(): Promise<void> {
    this.#tell(SAMPLER_END)
    return this.#ended.promise
  }

  /** Ends the thread. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#worker.terminate()
  }

  #tell(order: number): void {
    Atomics.store(this.#words, SAMPLER_ORDER, order)
    Atomics.notify(this.#words, SAMPLER_ORDER)
  }

  #lose(why: string): void {
    if (!this.#isClosed) this.result ??= new SamplerLostError(why)
    this.#settle(true)
  }

  #settle(hasEnded: boolean): void {
    this.#sampling.resolve()
    if (hasEnded) this.#ended.resolve()
  }
}
