/**
 * runLive: tears down the processes of a scenario on one thread per CPU, and reports what happened.
 *
 * Order: machine, threads, then for each run populate, teardown, verify; threads are brought up once and are gone
 * before the promise settles, however it does. Nothing crosses a message port while CPUs run. Bad input rejects;
 * whatever happens to a run is the report's `outcome`.
 */

import {
  configurationOf,
  createMachine,
  type KernelModule,
  type Machine,
  populate,
  RUN_REPORT_SCHEMA,
  type RunOutcome,
  RunRecorder,
  type RunReport,
  type Scenario,
  scenarioLimits,
  verify,
} from '@mmgather/core'

import { ArrayGarbage } from './array-garbage.ts'
import { CpuDiedError } from './cpu-link.ts'
import { bringDown, bringUp, type CpuSet } from './cpu-set.ts'
import { describeEnvironment, usableCores } from './environment.ts'
import { hasWasmThreads, loadKernel, loadUserKernel } from './kernel-code.ts'
import { checkCpus, type ResolvedOptions, resolveOptions, type RunLiveOptions } from './options.ts'
import { type Pinning, pinThreads } from './pin.ts'
import { readProgress, type RunPosition } from './progress.ts'
import { packageVersion, reproduceCommand } from './reproduce.ts'
import { runOnce, type RunResult } from './run-once.ts'
import { Sampler } from './sampler/sampler.ts'
import { StateBefore } from './state-before.ts'
import { StopRequest } from './stop-request.ts'
import { StrategyFileError } from './strategy-file/errors.ts'
import * as warn from './warnings.ts'

/** What tests put in place of parts of the live engine. */
export interface LiveHooks {
  /** Module of the CPU threads. */
  entry?: URL
  /** Compiled kernel of the CPU threads. */
  kernel?: KernelModule
  /** Module of the sampler's thread. */
  sampler?: URL
  /** Called when all threads are up. */
  onUp?: (set: CpuSet, machine: Machine) => void
  /** Called after each run that all CPUs finished. */
  onDone?: (machine: Machine) => void
  /** Called when all CPUs have answered of a run that is given up, or the grace period is over. */
  onGivenUp?: () => void
  /** Called when all threads are gone. */
  onDown?: () => void
}

/** How the session of runs ended, and what for. */
interface Ending {
  outcome: RunOutcome
  /** Some thread will not end by itself. */
  stuck: boolean
}

/**
 * Tears the scenario's processes down on real threads, `runs` times, and resolves with the report. A run that is
 * stopped, violates an invariant or loses a CPU thread resolves too: see `outcome`.
 *
 * Rejects with StrategyFileError (compiled code is asked for and cannot be made of the file), LimitsError (too many CPUs or pages), ScenarioError (unknown strategy) or RangeError (an option out of
 * bounds, or no memory), all before any thread is started, and with whatever `onProgress` throws.
 */
export function runLive(scenario: Scenario, options: RunLiveOptions = {}): Promise<RunReport> {
  return runLiveWith(scenario, options, {})
}

/** runLive with hooks. */
export async function runLiveWith(
  scenario: Scenario,
  options: RunLiveOptions,
  hooks: LiveHooks,
): Promise<RunReport> {
  const resolved = resolveOptions(options)
  checkCpus(scenario.machine.cpus)
  const chosen = hooks.kernel ? { kernel: hooks.kernel } : await kernelFor(scenario, resolved)
  const session = new Session(scenario, resolved, hooks, chosen)
  const report = session.report(await session.run())
  if (options.traceFile !== undefined) options.onTraced?.(session.sampler?.result)
  return report
}

/** What the threads run: compiled kernel text, or JavaScript, and why if that was not asked for. */
interface ChosenCode {
  readonly kernel?: KernelModule
  /** What the compiler refused in a strategy file. */
  readonly refused?: readonly string[]
}

async function kernelFor(
  scenario: Scenario,
  { code, strategyFile }: ResolvedOptions,
): Promise<ChosenCode> {
  if (code === 'js') return {}
  if (code === undefined && !hasWasmThreads()) return {}
  const { globals } = scenarioLimits(scenario, strategyFile?.kernel)
  const configuration = configurationOf(globals)
  if (strategyFile === undefined)
    return { kernel: await loadKernel(scenario.strategy, configuration) }
  try {
    return { kernel: await loadUserKernel(strategyFile, configuration) }
  } catch (error) {
    const { violations } = error as { violations?: readonly string[] }
    if (!(error instanceof Error) || error.name !== 'WasmCompileError' || !violations) throw error
    if (code === undefined) return { refused: violations }
    throw new StrategyFileError(
      violations.map((line) => `${line} (in WebAssembly; --code js runs it as JavaScript)`),
    )
  }
}

class Session {
  /** Makes the trace, if one is asked for. */
  sampler: Sampler | undefined
  private readonly scenario: Scenario
  private readonly options: ResolvedOptions
  private readonly hooks: LiveHooks
  private readonly code: ChosenCode
  private readonly machine: Machine
  private readonly stateBefore: StateBefore
  private readonly garbage = new ArrayGarbage()
  private readonly recorder: RunRecorder
  private readonly stop: StopRequest
  private setupMs = 0
  private mappedPages = 0
  private pinning: Pinning = { pinned: false, note: 'not pinned: the threads did not come up' }
  private position: RunPosition

  constructor(scenario: Scenario, options: ResolvedOptions, hooks: LiveHooks, code: ChosenCode) {
    const { strategyFile } = options
    this.scenario =
      strategyFile === undefined ? scenario : { ...scenario, strategy: strategyFile.id }
    this.options = options
    this.hooks = hooks
    this.code = code
    this.machine = this.setUp(() => createMachine(scenario, strategyFile?.kernel))
    this.stateBefore = new StateBefore(
      this.machine,
      () => populate(this.machine, scenario, strategyFile?.kernel),
      options.warmup + options.runs,
    )
    this.recorder = new RunRecorder(this.machine, undefined, options.samples)
    this.stop = new StopRequest(options)
    this.position = this.positionOf(0)
  }

  /** Everything from the first thread to the last; throws only what `onProgress` threw, or a bug. */
  async run(): Promise<Ending> {
    const progress = this.startProgress()
    let set: CpuSet | undefined
    let stuck = true
    try {
      if (this.stop.signal.aborted) return this.endingOf({ kind: 'interrupted', stuck: false })
      set = await this.bringUp()
      const ending = await this.runAll(set)
      stuck = ending.stuck
      this.stop.rethrow()
      return ending
    } catch (error) {
      if (!(error instanceof CpuDiedError)) throw error
      const message = `CPU ${error.cpu}: ${error.message}; it was before the start`
      return { outcome: { kind: 'failed', cpu: error.cpu, message }, stuck: true }
    } finally {
      clearInterval(progress)
      this.stop.dispose()
      await this.sampler?.close()
      if (set !== undefined) await bringDown(set.links, stuck)
      this.hooks.onDown?.()
    }
  }

  report(ending: Ending): RunReport {
    const { scenario, options, machine, recorder } = this
    const { time, ...figures } = recorder.figures()
    const environment = describeEnvironment(
      scenario.machine.cpus,
      this.pinning,
      this.code.kernel === undefined ? 'js' : 'wasm',
    )
    const bufferBytes = machine.memory.buffer.byteLength
    const simulatedPages = machine.globals.NR_PFNS
    return {
      schema: RUN_REPORT_SCHEMA,
      version: packageVersion(),
      scenario,
      strategy: scenario.strategy,
      ...(options.strategyFile && { strategyFile: options.strategyFile.named }),
      engine: 'live',
      seed: scenario.seed,
      runs: options.runs,
      outcome: ending.outcome,
      ...figures,
      time: { unit: 'ns', ...time, setup: Math.round(this.setupMs * 1e6) },
      memory: {
        bufferBytes,
        simulatedPages,
        bytesPerPage: simulatedPages === 0 ? 0 : bufferBytes / simulatedPages,
      },
      environment,
      warnings: [
        ...warn.cpusExceedCores(scenario.machine.cpus, environment),
        ...(this.sampler ? warn.sampled(scenario.machine.cpus, environment) : []),
        ...this.outcomeWarnings(ending.outcome),
        ...warn.userStrategy(options.strategyFile, this.code),
        ...warn.oneColdRun(options.runs, options.warmup, environment.code),
      ],
      reproduce: reproduceCommand(scenario, options),
    }
  }

  private outcomeWarnings(outcome: RunOutcome): string[] {
    const { completed } = this.recorder
    if (outcome.kind === 'completed') return []
    return [
      ...(this.stop.timedOut ? warn.timedOut(this.options.timeoutMs) : []),
      ...warn.runsMissing(outcome.kind, completed, this.options.runs),
    ]
  }

  private async bringUp(): Promise<CpuSet> {
    const { machine, scenario, hooks } = this
    const { strategyFile } = this.options
    const { kernel } = this.code
    // compiled text needs no module of the file
    const userStrategy = kernel === undefined ? strategyFile : undefined
    const module = userStrategy === undefined ? 'cpu-worker' : 'user-cpu-worker'
    const entry = hooks.entry ?? new URL(import.meta.resolve(`@mmgather/workers/${module}`))
    const shareCores = scenario.machine.cpus > usableCores()
    const set = await bringUp(machine, scenario, {
      entry,
      shareCores,
      kernel,
      userStrategy,
    })
    const { traceFile } = this.options
    if (traceFile !== undefined)
      this.sampler = new Sampler(machine, this.scenario, traceFile, set.epoch, hooks.sampler)
    this.pinning = await pinThreads(set.threadIds, this.options.pin)
    hooks.onUp?.(set, machine)
    return set
  }

  private async runAll(set: CpuSet): Promise<Ending> {
    const total = this.position.total
    for (let n = 0; n < total; n++) {
      this.position = this.positionOf(n)
      const ending = await this.runNext(set)
      if (ending !== undefined) return ending
    }
    return { outcome: { kind: 'completed' }, stuck: false }
  }

  /** One run; undefined if it is finished and all is well. */
  private async runNext(set: CpuSet): Promise<Ending | undefined> {
    const { machine, scenario, stop } = this
    if (stop.signal.aborted) return this.endingOf({ kind: 'interrupted', stuck: false })
    const census = this.setUp(() => this.stateBefore.restore())
    this.setUp(() => this.garbage.collect())
    this.mappedPages = census.mappedPages
    const sampler = this.position.phase === 'run' ? this.sampler : undefined
    await sampler?.begin()
    const result = await runOnce(machine, scenario, set, stop.signal)
    if (result.kind !== 'done') this.hooks.onGivenUp?.()
    await sampler?.end()
    if (result.kind !== 'done') return this.endingOf(result)
    this.hooks.onDone?.(machine)
    if (this.position.phase === 'run') this.recorder.add(result.times)
    const violations = this.options.verify ? verify(machine, census) : []
    if (violations.length === 0) return undefined
    return { outcome: { kind: 'violated', violations: [...violations] }, stuck: false }
  }

  private endingOf(result: Exclude<RunResult, { kind: 'done' }>): Ending {
    return { outcome: this.outcomeOf(result), stuck: result.stuck }
  }

  private outcomeOf(result: Exclude<RunResult, { kind: 'done' }>): RunOutcome {
    if (result.kind === 'interrupted') {
      return { kind: 'interrupted', runsCompleted: this.recorder.completed }
    }
    if (result.kind === 'failed') {
      return { kind: 'failed', cpu: result.cpu, message: result.message }
    }
    return { kind: 'violated', violations: [{ rule: 'bug-on', message: result.message }] }
  }

  private positionOf(n: number): RunPosition {
    const { warmup, runs } = this.options
    const total = warmup + runs
    return n < warmup
      ? { phase: 'warmup', index: n, runs: warmup, finished: n, total }
      : { phase: 'run', index: n - warmup, runs, finished: n, total }
  }

  private startProgress(): NodeJS.Timeout | undefined {
    const { onProgress, progressIntervalMs } = this.options
    if (onProgress === undefined) return undefined
    return setInterval(() => {
      try {
        onProgress(readProgress(this.machine, this.mappedPages, this.position))
      } catch (error) {
        this.stop.because(error)
      }
    }, progressIntervalMs)
  }

  private setUp<T>(work: () => T): T {
    const start = performance.now()
    const made = work()
    this.setupMs += performance.now() - start
    return made
  }
}
