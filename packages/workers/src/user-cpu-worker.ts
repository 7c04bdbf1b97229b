/**
 * Entry of a CPU thread whose strategy is a user's file, found by
 * `import.meta.resolve('@mmgather/workers/user-cpu-worker')`.
 *
 * Unlike cpu-worker.ts this imports core when it is built, and does not hold it: the file imports @mmgather/core, and must get the very
 * modules that the thread runs.
 */

import { workerData } from 'node:worker_threads'

import type { UserCpuThreadData } from './cpu-api.ts'
import { serveCpu } from './cpu-server.ts'
import { inlineFurther } from './jit-flags.ts'
import { importStrategy } from './strategy-file/strategy-file.ts'

inlineFurther()

const data = workerData as UserCpuThreadData
serveCpu(data, { strategy: await importStrategy(data.userStrategy) })
