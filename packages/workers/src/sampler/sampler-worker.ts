/**
 * Entry of the sampler's thread, found by `import.meta.resolve('@mmgather/workers/sampler-worker')`.
 *
 * Samples one run, posts what became of the trace, and ends.
 */

import { parentPort, workerData } from 'node:worker_threads'

import type { SamplerThreadData } from './sampler-api.ts'
import { serveSampler } from './sampler-server.ts'

serveSampler(workerData as SamplerThreadData, (message) => parentPort?.postMessage(message, []))
