/**
 * Runs points one after the other in this thread, in one memory.
 *
 * A new memory for each point would leave it to the garbage collector when the last one's goes. Invariants: what comes of
 * a point does not depend on those before it; results are not kept back for longer than a point and HOLD_MS take.
 */
import {
  allocateSharedMemory,
  createMachine,
  LimitsError,
  pointOutcome,
  type PointOutcome,
  runVirtual,
  ScenarioError,
  type SharedMemory,
  type SweepPointError,
  type VirtualKernel,
} from '@mmgather/core'

import type { DerivedStrategy, StrategyFile } from '../strategy-file/strategy-file.ts'
import type { SweepAnswer, SweepAnswers, SweepTask, SweepThreadData } from './sweep-api.ts'

/** Of points that were given together no further one is begun when the first ones have taken so long. */
const HOLD_MS = 25

/** Imports a strategy file in the form that the engine runs. */
export type ImportStrategy = (file: StrategyFile) => Promise<DerivedStrategy>

export class PointRunner {
  readonly #data: SweepThreadData
  readonly #importStrategy: ImportStrategy | undefined
  #memory: SharedMemory | undefined
  /** By strategy: the one that came first. Every message brings another object of the same module. */
  readonly #kernels = new Map<string, VirtualKernel>()

  /** @param importStrategy - absent: no point has a strategy file. */
  constructor(data: SweepThreadData, importStrategy?: ImportStrategy) {
    this.#data = data
    this.#importStrategy = importStrategy
  }

  /** Runs points until the last one or HOLD_MS are over. Never rejects: whatever goes wrong is one point's. */
  async runAll(tasks: readonly SweepTask[]): Promise<SweepAnswers> {
    const begun = performance.now()
    const answers: SweepAnswer[] = []
    let ms = 0
    for (const task of tasks) {
      answers.push(await this.run(task))
      ms = performance.now() - begun
      if (ms >= HOLD_MS) break
    }
    return { answers, ms }
  }

  async run(task: SweepTask): Promise<SweepAnswer> {
    const outcome = await this.#outcome(task)
    const text = JSON.stringify(outcome)
    return 'error' in outcome ? { error: outcome.error.kind, text } : { text }
  }

  async #outcome({
    scenario,
    profile,
    options,
    strategyFile,
    arrivalJitterNs,
    kernel,
  }: SweepTask): Promise<PointOutcome> {
    const { strategyFiles } = this.#data
    try {
      const file = strategyFile === undefined ? undefined : strategyFiles[strategyFile]
      const strategy = file && (await this.#importStrategy?.(file))
      const report = runVirtual(scenario, {
        ...options,
        profile,
        ...(file && strategy && { strategy, strategyFile: file.named }),
        arrivalJitterNs,
        ...(kernel && { kernel: this.#sameKernel(kernel) }),
        machine: createMachine(scenario, file?.kernel, (bytes) => this.#memoryOf(bytes)),
      })
      return pointOutcome(report)
    } catch (error) {
      return { error: errorOf(error) }
    }
  }

  #sameKernel(given: VirtualKernel): VirtualKernel {
    const kernel = this.#kernels.get(given.strategy) ?? given
    this.#kernels.set(given.strategy, kernel)
    return kernel
  }

  #memoryOf(bytes: number): SharedMemory {
    if (this.#memory === undefined || this.#memory.buffer.byteLength < bytes) {
      // the old one may go first
      this.#memory = undefined
      this.#memory = allocateSharedMemory(bytes)
    }
    return this.#memory
  }
}

function errorOf(error: unknown): SweepPointError {
  if (error instanceof LimitsError) return { kind: 'limits', message: error.message }
  if (error instanceof ScenarioError) return { kind: 'scenario', message: error.message }
  if (error instanceof RangeError && /memory|allocation/i.test(error.message))
    return { kind: 'lost', message: `the system does not have the memory: ${error.message}` }
  // without the stack: it has paths of this machine
  return {
    kind: 'internal',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  }
}
