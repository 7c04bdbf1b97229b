/**
 * Entry of a measuring thread, found by `import.meta.resolve('@mmgather/workers/calibrate-worker')`.
 */

import { readlinkSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { parentPort, workerData } from 'node:worker_threads'

import { compileLoops } from './loops.ts'
import { measureAlone, measureTogether } from './measure.ts'
import type { Answer, CalibrateThreadData, Hello, Request } from './requests.ts'

// The loops run for milliseconds each: they must be well compiled from the first call on.
setFlagsFromString('--no-liftoff')

const { memory } = workerData as CalibrateThreadData
const loops = compileLoops(memory)

parentPort?.on('message', (request: Request) => {
  const ns =
    'me' in request
      ? measureTogether(loops, memory, request.kind, request.samples, request.me)
      : measureAlone(loops, memory, request.kind, request.samples)
  parentPort?.postMessage({ id: request.id, ns } satisfies Answer, [])
})
parentPort?.postMessage({ threadId: threadIdOfSystem() } satisfies Hello, [])

/** Linux names a thread by the number at the end of the link /proc/thread-self. */
function threadIdOfSystem(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0)
  } catch {
    return 0
  }
}
