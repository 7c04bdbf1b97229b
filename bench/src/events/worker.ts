/**
 * Runs the hold model on one simulator, in a thread of its own, whose code is compiled for nothing else. Answers every
 * message, a HoldModel, with a HoldResult.
 */
import { parentPort, workerData } from 'node:worker_threads'

import type { HoldModel } from './hold-model.ts'
import { SIMULATORS } from './simulators.ts'

const simulator = SIMULATORS[workerData as string]
if (simulator === undefined) throw new Error(`no simulator named ${String(workerData)}`)

parentPort?.on('message', (model: HoldModel) => {
  void simulator(model).then((result) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    parentPort?.postMessage(result)
  })
})
