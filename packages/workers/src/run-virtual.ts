/**
 * runVirtualInThread: core's runVirtual in a thread of its own, so that the caller's stays responsive.
 *
 * The report is the one that runVirtual returns, to the byte. Invariant: the thread has ended when the promise settles,
 * however it does.
 */

import {
  createMachine,
  type Machine,
  type RunReport,
  runVirtual,
  type Scenario,
  type Timeline,
} from '@mmgather/core'
import { Worker } from 'node:worker_threads'

import { inlineFurther } from './jit-flags.ts'
import { type KernelCode, loadVirtualKernel } from './kernel-code.ts'
import { type LiveProgress, readProgress } from './progress.ts'
import { StopRequest } from './stop-request.ts'
import type { StrategyFile } from './strategy-file/strategy-file.ts'
import {
  type TraceFile,
  type TraceResult,
  type UserVirtualThreadData,
  VIRTUAL_MAPPED_PAGES,
  VIRTUAL_RUNS_BEGUN,
  VIRTUAL_STOP,
  VIRTUAL_WORDS,
  type VirtualMessage,
  type VirtualThreadData,
  type VirtualThreadOptions,
} from './virtual-api.ts'
import { revivedError, VirtualThreadError } from './virtual-errors.ts'

/** How far the runs of the virtual engine are. */
export type VirtualProgress = Omit<LiveProgress, 'phase'>

/** The options of `runVirtual` that can be told to a thread, and how to stop it and to see how far it is. */
export interface RunVirtualInThreadOptions extends Omit<VirtualThreadOptions, 'strategyFile'> {
  /** A user's strategy in place of the scenario's, from `loadStrategyFile`. */
  strategyFile?: StrategyFile
  /**
   * Form of the kernel text; the report is the same. Default: WebAssembly, where the runtime can and the options do not
   * need JavaScript (`functions`, `strategyFile`).
   */
  code?: KernelCode
  /** Stops the run under way; the report then has the outcome `interrupted` and the runs that were finished. */
  signal?: AbortSignal
  /** Called now and then while the runs go on; what it throws, the promise rejects with. */
  onProgress?: (progress: VirtualProgress) => void
  /** Milliseconds between two calls of `onProgress`; default 100. */
  progressIntervalMs?: number
  /**
   * Called at the end with the milliseconds of the host that the simulation of each run took, without building and
   * checking its machine.
   */
  onHostTimes?: (hostMs: readonly number[]) => void
  /** Write a trace of the run, the only one. */
  traceFile?: TraceFile
  /** Called at the end with what became of it; undefined: the thread was ended before the trace was complete. */
  onTraced?: (trace: TraceResult | undefined) => void
  /** Called at the end with what a report draws of the run, the only one. */
  onTimeline?: (timeline: Timeline) => void
}

/** What tests put in place of the thread. */
export interface VirtualHooks {
  /** Module of the thread. */
  entry?: URL
}

/** A stop that is not obeyed for so long ends the thread, if no finished run is lost by that. */
const GRACE_MS = 80
const PROGRESS_MS = 100

/**
 * Runs the scenario as `runVirtual` does, in a thread. Rejects with what that throws (LimitsError, ScenarioError,
 * RangeError), with whatever `onProgress` throws, and with VirtualThreadError if the thread is lost.
 */
export function runVirtualInThread(
  scenario: Scenario,
  options: RunVirtualInThreadOptions = {},
): Promise<RunReport> {
  return runVirtualInThreadWith(scenario, options, {})
}

/** runVirtualInThread with hooks. */
export async function runVirtualInThreadWith(
  given: Scenario,
  options: RunVirtualInThreadOptions,
  hooks: VirtualHooks,
): Promise<RunReport> {
  const {
    signal,
    onProgress,
    progressIntervalMs = PROGRESS_MS,
    onHostTimes,
    traceFile,
    onTraced,
    onTimeline,
    strategyFile,
    code = 'wasm',
    ...others
  } = options
  const scenario = strategyFile === undefined ? given : { ...given, strategy: strategyFile.id }
  const rest = { ...others, ...(strategyFile && { strategyFile: strategyFile.named }) }
  const machine = createMachine(scenario, strategyFile?.kernel)
  if (signal?.aborted === true) return reportOfNothing(scenario, rest, machine)
  const isTraced = traceFile !== undefined || onTimeline !== undefined
  const compiles =
    code === 'wasm' && rest.functions !== true && !isTraced && strategyFile === undefined
  const kernel = compiles ? await loadVirtualKernel(scenario.strategy) : undefined
  const stop = new StopRequest(signal === undefined ? {} : { signal })
  const thread = new VirtualThread(
    {
      scenario,
      options: rest,
      ...(kernel && { kernel }),
      ...(traceFile && { traceFile }),
      ...(onTimeline && { timeline: true }),
    },
    machine,
    strategyFile,
    hooks.entry,
  )
  const onStop = (): void => thread.stop()
  stop.signal.addEventListener('abort', onStop)
  const timer =
    onProgress && setInterval(() => tellProgress(thread, onProgress, stop), progressIntervalMs)
  try {
    const answer = await thread.answer
    stop.rethrow()
    if (traceFile !== undefined) onTraced?.(answer?.trace)
    if (answer?.timeline !== undefined) onTimeline?.(answer.timeline)
    if (answer === undefined) return reportOfNothing(scenario, rest, machine)
    onHostTimes?.(answer.hostMs)
    return answer.report
  } finally {
    clearInterval(timer)
    stop.signal.removeEventListener('abort', onStop)
    stop.dispose()
    await thread.end()
  }
}

function tellProgress(
  thread: VirtualThread,
  onProgress: (progress: VirtualProgress) => void,
  stop: StopRequest,
): void {
  const progress = thread.progress()
  if (progress === undefined) return
  try {
    onProgress(progress)
  } catch (error) {
    stop.because(error)
  }
}

/** The report of runs that were interrupted before the first was finished, with the counts in the machine. */
function reportOfNothing(
  scenario: Scenario,
  options: VirtualThreadOptions,
  machine: Machine,
): RunReport {
  return runVirtual(scenario, { ...options, machine, signal: { aborted: true } })
}

type Answer = Extract<VirtualMessage, { kind: 'report' }>

class VirtualThread {
  /** The report; undefined: the thread was ended in its first run, on request. */
  readonly answer: Promise<Answer | undefined>
  readonly #words = new Int32Array(
    new SharedArrayBuffer(VIRTUAL_WORDS * Int32Array.BYTES_PER_ELEMENT),
  )
  readonly #runs: number
  readonly #worker: Worker
  readonly #exited: Promise<void>
  readonly #machine: Machine
  #grace: NodeJS.Timeout | undefined
  #isEnded = false
  #fraction = 0

  constructor(
    data: Pick<VirtualThreadData, 'scenario' | 'options' | 'kernel' | 'traceFile' | 'timeline'>,
    machine: Machine,
    userStrategy: StrategyFile | undefined,
    entry?: URL,
  ) {
    const module = userStrategy === undefined ? 'virtual-worker' : 'user-virtual-worker'
    this.#machine = machine
    inlineFurther()
    this.#runs = data.options.runs ?? 1
    this.#worker = new Worker(
      entry ?? new URL(import.meta.resolve(`@mmgather/workers/${module}`)),
      {
        name: 'mmgather virtual',
        workerData: {
          ...data,
          memory: machine.memory,
          words: this.#words,
          ...(userStrategy && { userStrategy }),
        } satisfies VirtualThreadData | UserVirtualThreadData,
      },
    )
    const { promise, resolve, reject } = Promise.withResolvers<Answer | undefined>()
    this.answer = promise
    this.#worker.on('message', (message: VirtualMessage) => {
      if (message.kind === 'report') resolve(message)
      else reject(revivedError(message.error))
    })
    this.#worker.on('messageerror', (error) =>
      reject(new VirtualThreadError(`unreadable message: ${error.message}`)),
    )
    this.#worker.on('error', (error) => reject(lostError(error)))
    this.#exited = new Promise((exited) => {
      this.#worker.on('exit', (code) => {
        if (this.#isEnded) resolve(undefined)
        else reject(new VirtualThreadError(`it ended with exit code ${code} before its report`))
        exited()
      })
    })
  }

  /** Asks the runs to stop; a thread that builds or checks its first machine does not look, and is ended. */
  stop(): void {
    Atomics.store(this.#words, VIRTUAL_STOP, 1)
    this.#grace ??= setTimeout(() => {
      if (Atomics.load(this.#words, VIRTUAL_RUNS_BEGUN) > 1) return
      this.#isEnded = true
      void this.#worker.terminate()
    }, GRACE_MS)
  }

  /** Undefined: the first machine is not ready yet. */
  progress(): VirtualProgress | undefined {
    const run = Atomics.load(this.#words, VIRTUAL_RUNS_BEGUN) - 1
    if (run < 0) return undefined
    const mappedPages = Atomics.load(this.#words, VIRTUAL_MAPPED_PAGES)
    const runs = { index: run, runs: this.#runs, finished: run, total: this.#runs }
    const { phase: _, ...progress } = readProgress(this.#machine, mappedPages, {
      phase: 'run',
      ...runs,
    })
    // the next run's machine is being built: it has done nothing yet
    this.#fraction = Math.max(this.#fraction, progress.fraction)
    return { ...progress, fraction: this.#fraction }
  }

  /** Resolves when the thread is gone; never rejects. */
  async end(): Promise<void> {
    clearTimeout(this.#grace)
    await this.#worker.terminate()
    await this.#exited
  }
}

function lostError(error: unknown): VirtualThreadError {
  if (!(error instanceof Error)) return new VirtualThreadError(`it threw ${String(error)}`)
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return new VirtualThreadError(`out of memory (${code})`)
  return new VirtualThreadError(`${error.name}: ${error.message}`, error.stack)
}
