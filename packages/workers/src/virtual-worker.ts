/**
 * Entry of the thread of the virtual engine, found by `import.meta.resolve('@mmgather/workers/virtual-worker')`.
 *
 * Runs what `workerData` says and posts the report, or what went wrong; then it has nothing more to do and ends.
 */

import { parentPort, workerData } from 'node:worker_threads'

import type { VirtualThreadData } from './virtual-api.ts'
import { serveVirtual } from './virtual-server.ts'

serveVirtual(workerData as VirtualThreadData, (message) => parentPort?.postMessage(message, []))
