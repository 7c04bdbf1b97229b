/**
 * The engine that the flags choose, ready to run scenarios.
 *
 * Owns the defaults of runs and warm-up. Engines are loaded when they run: help and wrong usage must not wait for them.
 */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { MachineProfile, RunReport, Scenario } from '@mmgather/core'
import type {
  KernelCode,
  SampledTraceFile,
  SampledTraceResult,
  StrategyFile,
  TraceFile,
  TraceResult,
} from '@mmgather/workers'
import { checkEngineFlags, type EngineFlags, type EngineName } from './commands/engine-options.ts'

const WARMUP = 1
const NS_PER_MS = 1_000_000

export interface EngineRun {
  /** For the report: the command that does the same again. */
  reproduce: string
  signal: AbortSignal
  /** A strategy that does not ship, in place of the scenario's. */
  strategyFile?: StrategyFile | undefined
  /** `fraction` is done, 0 to 1; `what` is being done, in a few words. */
  onProgress: (fraction: number, what: string) => void
  /** Report the figures of each run. */
  samples?: boolean
  /** Account time to functions; virtual only. */
  functions?: boolean
  /** Write a trace; virtual only. */
  traceFile?: TraceFile | undefined
  /** Write a trace by samples; live only. */
  sampledFile?: SampledTraceFile | undefined
  /** Called at the end with what became of it; undefined: the run was ended before it was complete. */
  onTraced?: ((trace: TraceResult | SampledTraceResult | Error | undefined) => void) | undefined
}

export interface Engine {
  readonly name: EngineName
  readonly runs: number
  readonly warmup: number
  readonly verify: boolean
  /** The file of the machine profile, if it is one. */
  readonly profilePath?: string | undefined
  run(scenario: Scenario, how: EngineRun): Promise<RunReport>
}

/** Throws UsageError for flags of another engine, and whatever is wrong with the profile. */
export async function chooseEngine(
  flags: EngineFlags,
  command: CommandUnknownOpts,
  runsOf: Record<EngineName, number>,
): Promise<Engine> {
  const { engine: name, verify } = flags
  checkEngineFlags(name, command)
  const runs = flags.runs ?? runsOf[name]
  if (name === 'live') {
    const warmup = flags.warmup ?? WARMUP
    const code = flags.code === undefined ? {} : { code: flags.code }
    return {
      name,
      runs,
      warmup,
      verify,
      run: (scenario, how) => runOnThreads(scenario, { runs, warmup, verify, ...code }, how),
    }
  }
  const loaded = await profileOf(flags)
  return {
    name,
    runs,
    warmup: 0,
    verify,
    profilePath: loaded?.path,
    run: (scenario, how) => runInVirtualTime(scenario, { ...flags, runs }, loaded?.profile, how),
  }
}

/** Undefined: the engine's own default. */
async function profileOf({ profile }: EngineFlags) {
  if (profile === undefined) return undefined
  const { loadProfile } = await import('./load-profile.ts')
  return loadProfile(profile)
}

async function runOnThreads(
  scenario: Scenario,
  options: { runs: number; warmup: number; verify: boolean; code?: KernelCode },
  {
    onProgress,
    reproduce,
    signal,
    strategyFile,
    samples = false,
    sampledFile,
    onTraced,
  }: EngineRun,
): Promise<RunReport> {
  const { runLive } = await import('@mmgather/workers')
  return runLive(scenario, {
    ...options,
    reproduce,
    signal,
    samples,
    ...(strategyFile && { strategyFile }),
    ...(sampledFile && { traceFile: sampledFile }),
    ...(onTraced && { onTraced }),
    onProgress: ({ phase, run, runs, fraction }) =>
      onProgress(fraction, phase === 'run' ? `run ${run} of ${runs}` : 'warm-up'),
  })
}

async function runInVirtualTime(
  scenario: Scenario,
  { verify, jitter, timeMax, eventsMax, runs }: EngineFlags & { runs: number },
  profile: MachineProfile | undefined,
  how: EngineRun,
): Promise<RunReport> {
  const { onProgress, reproduce, signal, strategyFile, traceFile, onTraced } = how
  const { samples = false, functions = false } = how
  const { runVirtualInThread } = await import('@mmgather/workers')
  return runVirtualInThread(scenario, {
    runs,
    verify,
    samples,
    functions,
    reproduce,
    signal,
    ...(strategyFile && { strategyFile }),
    ...(traceFile && { traceFile }),
    ...(onTraced && { onTraced }),
    ...(profile && { profile }),
    ...(jitter !== undefined && { arrivalJitterNs: jitter }),
    ...(timeMax !== undefined && { timeMaxNs: timeMax * NS_PER_MS }),
    ...(eventsMax !== undefined && { eventsMax }),
    onProgress: ({ run, fraction }) => onProgress(fraction, `run ${run} of ${runs}`),
  })
}
