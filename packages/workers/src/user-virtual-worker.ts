/**
 * Entry of the thread of the virtual engine when the strategy is a user's file, found by
 * `import.meta.resolve('@mmgather/workers/user-virtual-worker')`.
 *
 * Unlike virtual-worker.ts this imports core when it is built, and does not hold it: the file imports @mmgather/core, and must get the
 * very modules that the thread runs.
 */

import { parentPort, workerData } from 'node:worker_threads'

import { importDerivedStrategy } from './strategy-file/strategy-file.ts'
import type { UserVirtualThreadData } from './virtual-api.ts'
import { serveVirtual } from './virtual-server.ts'

const data = workerData as UserVirtualThreadData
const isProfiled =
  data.options.functions === true || data.traceFile !== undefined || data.timeline === true
const form = isProfiled ? 'profiled' : 'conditional'
const strategy = await importDerivedStrategy(data.userStrategy, form)
serveVirtual(data, (message) => parentPort?.postMessage(message, []), strategy)
