/**
 * Times one variant of one hot path, in a thread of its own: code that several variants shared would be
 * compiled for the mixture of them. Answers every message with one round's nanoseconds per operation.
 */
import { parentPort, workerData } from 'node:worker_threads'

import { Bench } from 'tinybench'

import type { PreparedVariant } from './hot-path.ts'
import { findVariant } from './index.ts'

export interface WorkerInput {
  path: string
  variant: string
  /** Time budget of a round. */
  roundMs: number
}

export interface RoundResult {
  minNs: number
  medianNs: number
}

const ITERATIONS_MIN = 20
const NS_PER_MS = 1e6

/** What the measured code computed; read at the end, so that none of it is dead. */
let consumed = 0

function measure(prepared: PreparedVariant, roundMs: number): RoundResult {
  const bench = new Bench({
    time: roundMs,
    iterations: ITERATIONS_MIN,
    // A round before the first one is the warm-up.
    warmup: false,
    throws: true,
  })
  const task = () => {
    consumed = (consumed + prepared.run()) | 0
  }
  bench.add('round', task, { beforeEach: prepared.reset, async: false })
  bench.runSync()
  const result = bench.getTask('round')?.result
  if (result?.state !== 'completed') throw new Error(`tinybench: the round is ${result?.state}`)
  const perOperation = NS_PER_MS / prepared.operations
  return {
    minNs: result.latency.min * perOperation,
    medianNs: result.latency.p50 * perOperation,
  }
}

const { path, variant, roundMs } = workerData as WorkerInput
const prepared = findVariant(path, variant).prepare()
parentPort?.on('message', () => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  parentPort?.postMessage(measure(prepared, roundMs))
})
process.on('exit', () => {
  if (Number.isNaN(consumed)) throw new Error('the measured code computed no number')
})
