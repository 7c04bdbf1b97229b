/**
 * The steps of loading one strategy file, taken one after the other in this process: prints their times as JSON.
 *
 * They are those of `loadStrategyFile` and of the first live run's `loadUserKernel`; what one step has read, parsed or imported
 * the next finds, as there.
 */
import { configurationOf, configureKernel, presetScenario, scenarioLimits } from '@mmgather/core'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

// what every command has imported by then
import { optimised, userKernelBytes } from '../../../packages/workers/src/kernel-code.ts'
import {
  disposeStrategyFile,
  loadStrategyFile,
} from '../../../packages/workers/src/strategy-file/strategy-file.ts'

export interface LoadStep {
  step: string
  /** Wall time. */
  ms: number
  /** Processor time of this thread. */
  cpuMs: number
}

const steps: LoadStep[] = []

async function step<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const [start, before] = [performance.now(), process.threadCpuUsage()]
  const result = await work()
  const { user, system } = process.threadCpuUsage(before)
  steps.push({ step: name, ms: performance.now() - start, cpuMs: (user + system) / 1000 })
  return result
}

const [file = ''] = process.argv.slice(2)
await step('import of the compiler', () => import('@mmgather/core/forms'))
await step('read of the file', () => readFileSync(resolve(file), 'utf8'))
const loaded = await step('load: check, derive, import', () => loadStrategyFile(file))
const bytes = await step('WebAssembly of its kernel', () => userKernelBytes(loaded))
const { globals } = scenarioLimits(presetScenario('exit-order0'), loaded.kernel)
const configured = await step('its configuration', () =>
  configureKernel(bytes, configurationOf(globals)),
)
await step("V8's compilation", () => optimised(configured))
disposeStrategyFile(loaded)
console.log(JSON.stringify(steps))
