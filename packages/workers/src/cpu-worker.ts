/**
 * Entry of a CPU thread, found by `import.meta.resolve('@mmgather/workers/cpu-worker')`.
 *
 * In the built package this file is a bundle with @mmgather/core inside. It imports nothing else but comlink and node:
 * built-ins, and nothing dynamically.
 */

import { workerData } from 'node:worker_threads'

import type { CpuThreadData } from './cpu-api.ts'
import { serveCpu } from './cpu-server.ts'
import { inlineFurther } from './jit-flags.ts'

const data = workerData as CpuThreadData
if (data.kernel === undefined) inlineFurther()
serveCpu(data)
