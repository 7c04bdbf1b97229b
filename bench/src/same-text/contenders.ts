/**
 * What tears down one image of a machine, again and again: the WebAssembly of a text on this thread, and its C in a process.
 *
 * Both restore the image before each run, so both have the caches that copying leaves.
 */
import {
  bindLiveCpu,
  bindMachine,
  configurationOf,
  configureKernel,
  cpuAddress,
  createMachine,
  instantiateKernel,
  parseScenario,
  populate,
} from '@mmgather/core'
import { compileKernel } from '@mmgather/core/forms'

import type { NativeConfig } from '../../../packages/core/test/native-ref/native-config.ts'
import { toScenario } from '../../../packages/core/test/native-ref/to-scenario.ts'
import { optimised } from '../../../packages/workers/src/kernel-code.ts'
import { summarise } from '../statistics.ts'
import { buildText, readText, TextProgram } from './program.ts'

/** Runs once; nanoseconds of wall time. */
export type Run = () => number | Promise<number>

/** The populated machine of a configuration, and its words as they are before a run. */
export class Image {
  readonly strategy: string
  readonly #machine: ReturnType<typeof createMachine>
  readonly #words: Int32Array

  constructor(config: NativeConfig) {
    const scenario = parseScenario(toScenario(config))
    this.strategy = scenario.strategy
    this.#machine = createMachine(scenario)
    populate(this.#machine, scenario)
    this.#words = this.#machine.words.slice()
  }

  /** WebAssembly of the text, with the clock that the threads of the live engine have. */
  wasm(read: typeof readText = readText): Run {
    const machine = this.#machine
    bindMachine(machine)
    bindLiveCpu({ cpu: cpuAddress(0), clockNs: () => performance.now() * 1e6 })
    const bytes = compileKernel({ strategy: this.strategy, read })
    const configured = configureKernel(bytes, configurationOf(machine.globals))
    const kernel = instantiateKernel(optimised(configured), machine)
    return () => {
      machine.words.set(this.#words)
      const start = process.hrtime.bigint()
      kernel.cpuMain(cpuAddress(0))
      return Number(process.hrtime.bigint() - start)
    }
  }

  /** C of the text; close it. Throws if there is no compiler. */
  c(read: typeof readText = readText): TextProgram {
    const configuration = configurationOf(this.#machine.globals)
    const build = buildText(this.strategy, { read, configuration })
    if (build.state === 'unavailable') throw new Error(build.reason)
    return new TextProgram(build, this.#words, 1)
  }
}

/** The median of so many runs, after some that do not count. */
export async function medianOf(run: Run, runs: number, warmup: number): Promise<number> {
  const times: number[] = []
  for (let i = -warmup; i < runs; i++) {
    const ns = await run()
    if (i >= 0) times.push(ns)
  }
  return summarise(times).median
}
