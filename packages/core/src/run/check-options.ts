/**
 * The options of `runCheck`: their meaning, their defaults, their bounds.
 */

import type { CheckKernel } from '../engines/check/compiled-text.ts'
import type { Root } from '../engines/check/schedulers/dpor.ts'
import type { cpuMain as CpuMain } from '../generated/raw/kernel/exit.ts'
import type { Strategy } from '../generated/raw/mm/strategy.ts'

/** Who decides on the order of steps. */
export const CHECK_SCHEDULERS = [
  'dpor',
  'depth-first',
  'preemptions',
  'random',
  'pct',
  'round-robin',
] as const

export type CheckScheduler = (typeof CHECK_SCHEDULERS)[number]

export interface CheckOptions {
  /**
   * dpor: every interleaving that matters (default); depth-first: every interleaving; preemptions: those with at most
   * `preemptionsMax` preemptions; random and pct: `samples` schedules; round-robin: one.
   */
  scheduler?: CheckScheduler
  /** A strategy in its raw form in place of the scenario's. */
  strategy?: Strategy
  /** Preemptions of one execution at most, for the scheduler `preemptions`; default 2. */
  preemptionsMax?: number
  /** Executions at most; default 1,000,000. */
  executionsMax?: number
  /** Steps of one execution at most; default 20,000. */
  stepsMax?: number
  /** Milliseconds by `clockMs` at most; default: no bound. */
  timeMaxMs?: number
  /** Milliseconds since any start; default: a clock that stands still, so that no time bound is ever reached. */
  clockMs?: () => number
  /** Of the schedulers random and pct; default 1. */
  seed?: number
  /** Schedules of random and pct; default 10,000. */
  samples?: number
  /** PCT's bound: orders between steps that a bug may need; default 3. */
  depth?: number
  /** PCT spreads its changes over so many steps; default 100. */
  stepsGuess?: number
  /** Steps of a turn of round-robin; default 1. */
  turn?: number
  /** What an atomic observes: what its caller asks (default), or the value that it returns. */
  values?: 'observed' | 'plain'
  /** Happens-before race detection; default true. */
  races?: boolean
  /**
   * Go on behind a broken rule and report every rule that breaks, each with its counterexample; default false: the check
   * ends at the first.
   */
  allRules?: boolean
  /** Executions that looking for a shorter counterexample may take, for each rule; default 50,000. */
  minimiseMax?: number
  /** The name of the catalogue's world that the scenario is, for tokens. */
  world?: string
  /** The compiled text of the scenario's strategy, which runs in place of the JavaScript. Ignored if it is another's. */
  kernel?: CheckKernel
  /** Looked at now and then: `aborted` ends the check. */
  signal?: { readonly aborted: boolean }
}

/** A part's ties to the other parts of its check. */
export interface PartSharing {
  /** Executions between two times that the part gives some of itself away, for as long as there is something. */
  readonly every: number
  /** Takes parts of this one, which it does not explore any more. */
  readonly give: (roots: readonly Root[]) => void
  /** Called after each execution that is not given up; true: all parts together have made enough. */
  readonly spend: () => boolean
}

/** Options that the engine and tests add. */
export interface ResolvedCheckOptions
  extends Required<Omit<CheckOptions, 'strategy' | 'world' | 'kernel' | 'signal'>> {
  readonly strategy?: Strategy
  readonly world?: string
  readonly kernel?: CheckKernel
  readonly signal?: { readonly aborted: boolean }
  /** The first sample of random and pct: samples are shared out among threads. */
  readonly firstSample: number
  readonly sharing?: PartSharing
  /** The raw form of cpuMain to run, of another text than this package's. */
  readonly cpuMain?: typeof CpuMain
}

/** Throws RangeError for a value that is out of bounds. */
export function resolveCheckOptions(
  options: CheckOptions & Partial<Pick<ResolvedCheckOptions, 'firstSample' | 'cpuMain'>>,
): ResolvedCheckOptions {
  const resolved: ResolvedCheckOptions = {
    scheduler: 'dpor',
    preemptionsMax: 2,
    executionsMax: 1_000_000,
    stepsMax: 20_000,
    timeMaxMs: Infinity,
    clockMs: () => 0,
    seed: 1,
    samples: 10_000,
    depth: 3,
    stepsGuess: 100,
    turn: 1,
    values: 'observed',
    races: true,
    allRules: false,
    minimiseMax: 50_000,
    firstSample: 0,
    ...options,
  }
  if (!CHECK_SCHEDULERS.includes(resolved.scheduler))
    throw new RangeError(
      `scheduler: got ${resolved.scheduler}; allowed: ${CHECK_SCHEDULERS.join(', ')}`,
    )
  checkInteger('preemptionsMax', resolved.preemptionsMax, 0, 100)
  checkInteger('executionsMax', resolved.executionsMax, 1, 1e12)
  checkInteger('stepsMax', resolved.stepsMax, 1, 1_000_000)
  checkInteger('seed', resolved.seed, 0, 0x7fffffff)
  checkInteger('samples', resolved.samples, 1, 1e9)
  checkInteger('depth', resolved.depth, 1, 20)
  checkInteger('stepsGuess', resolved.stepsGuess, 1, 1_000_000)
  checkInteger('turn', resolved.turn, 1, 1_000_000)
  checkInteger('minimiseMax', resolved.minimiseMax, 0, 1e9)
  if (!(resolved.timeMaxMs > 0))
    throw new RangeError(`timeMaxMs: got ${resolved.timeMaxMs}; allowed: more than 0`)
  return resolved
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new RangeError(`${name}: got ${value}; allowed: an integer from ${min} to ${max}`)
}
