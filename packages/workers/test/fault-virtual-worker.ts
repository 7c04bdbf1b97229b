/**
 * A thread of the virtual engine that fails as MMGATHER_TEST_FAULT says, before its report.
 */
import { parentPort, workerData } from 'node:worker_threads'

import { VIRTUAL_RUNS_BEGUN, type VirtualThreadData } from '../src/virtual-api.ts'
import { thrownError } from '../src/virtual-errors.ts'

const { words } = workerData as VirtualThreadData

switch (process.env['MMGATHER_TEST_FAULT']) {
  case 'throw':
    throw new TypeError('planted')
  case 'tell':
    parentPort?.postMessage({ kind: 'threw', error: thrownError(new TypeError('told')) }, [])
    break
  case 'exit':
    process.exit(3)
    break
  case 'deaf':
    // in its first run, and looks at nothing
    Atomics.store(words, VIRTUAL_RUNS_BEGUN, 1)
    for (;;);
  default:
    throw new Error('no such fault')
}
