/**
 * runCheck: explores the interleavings of a scenario's CPUs and says that no rule can break, within stated bounds, or how
 * one breaks.
 *
 * Runs on this thread and returns at the end. The report follows from the scenario, the strategy and the options, unless a
 * time bound ends it. The memory model is sequential consistency with happens-before race detection.
 */

import { createMachine, populate } from '../engines/boot.ts'
import { type Counterexample, tell } from '../engines/check/counterexample.ts'
import type { End } from '../engines/check/execution.ts'
import { explore, type Explored } from '../engines/check/explore.ts'
import { breachOf, minimise, type Minimised } from '../engines/check/minimise.ts'
import type { Breach } from '../engines/check/rule-error.ts'
import { CHECK_RULES } from '../engines/check/rules/rule-list.ts'
import type { Scheduler } from '../engines/check/scheduler.ts'
import { Dpor, type Root } from '../engines/check/schedulers/dpor.ts'
import { Exhaustive } from '../engines/check/schedulers/exhaustive.ts'
import { missChance, Pct } from '../engines/check/schedulers/pct.ts'
import { RandomWalk } from '../engines/check/schedulers/random.ts'
import { RoundRobin } from '../engines/check/schedulers/round-robin.ts'
import { SharedWords } from '../engines/check/shared-words.ts'
import { World } from '../engines/check/world.ts'
import { cpuMain } from '../generated/raw/kernel/exit.ts'
import { findStrategy } from '../generated/raw/mm/strategies/index.ts'
import { assert } from '../lib/assert.ts'
import { VERSION } from '../lib/version.ts'
import { bindMachine } from '../machine/machine.ts'
import { VERIFY_RULES } from '../machine/verify/rules.ts'
import { LimitsError } from '../machine/limits-error.ts'
import type { Scenario } from '../scenario/scenario.ts'
import {
  type CheckOptions,
  type ResolvedCheckOptions,
  resolveCheckOptions,
} from './check-options.ts'
import {
  CHECK_REPORT_SCHEMA,
  type CheckReport,
  type ReportedCounterexample,
  type Verdict,
} from './check-report.ts'
import { type CheckToken, formatToken } from './check-token.ts'

/** CPUs that a check can have. */
export const CHECK_CPUS_MAX = 8

/**
 * Checks the scenario under its strategy. Throws LimitsError (too many CPUs), ScenarioError (unknown strategy), RangeError
 * (an option out of bounds).
 */
export function runCheck(scenario: Scenario, options: CheckOptions = {}): CheckReport {
  const resolved = resolveCheckOptions(options)
  const world = createWorld(scenario, resolved)
  try {
    const part = explorePart(world, resolved)
    return checkReport(scenario, resolved, world, part)
  } finally {
    world.dispose()
  }
}

/**
 * Runs the schedule of a token again, and tells how the token's rule breaks; if it does not any more, which rule breaks first
 * or that none does. Throws ScheduleError if it does not fit this version.
 */
export function replayCheck(
  token: CheckToken,
  options: Pick<CheckOptions, 'strategy'> = {},
): Counterexample {
  const world = createWorld(token.scenario, resolveCheckOptions({ ...options }))
  try {
    // the token may be one of a rule that breaks behind others
    world.heedOnly(token.rule)
    const told = tell(world, token.schedule)
    if (told.rule !== '') return told
    world.heedAll()
    return tell(world, token.schedule)
  } finally {
    world.dispose()
  }
}

/** A world for a scenario. It has this thread's machine until it is disposed of. */
export function createWorld(scenario: Scenario, options: ResolvedCheckOptions): World {
  const { cpus } = scenario.machine
  if (cpus > CHECK_CPUS_MAX) {
    throw new LimitsError({
      field: 'machine.cpus',
      value: `${cpus} CPUs`,
      allowed: `at most ${CHECK_CPUS_MAX} in a check`,
      hint: 'use 2 or 3 CPUs: what grows is the number of their interleavings',
    })
  }
  const machine = createMachine(scenario, options.strategy)
  const census = populate(machine, scenario, options.strategy)
  bindMachine(machine)
  const strategy = options.strategy ?? findStrategy(scenario.strategy)
  assert(strategy !== undefined, 'the strategy has no raw form', { strategy: scenario.strategy })
  const main = options.cpuMain ?? cpuMain
  const { kernel } = options
  const isOwnText = options.strategy === undefined && options.cpuMain === undefined
  return new World(machine, census, {
    program: (cpu) => main(cpu, strategy),
    ...(isOwnText && kernel?.strategy === scenario.strategy && { kernel }),
    stepsMax: options.stepsMax,
    plainValues: options.values === 'plain',
    races: options.races,
  })
}

/** What one part of an exploration has come to. */
export interface ExploredPart extends Omit<Explored, 'end'> {
  /** The rule that is broken; with the option allRules each of them, by the first execution that broke it. */
  readonly breaches: readonly Breach[]
  /** With the option allRules: rules that executions could not go on behind, in the order of the alphabet. */
  readonly ends: readonly string[]
  /** The bound on steps was reached. */
  readonly hasEndless: boolean
  /** Steps of the longest execution. */
  readonly stepsMost: number
  readonly interrupted: boolean
}

/** Explores a world with the scheduler of the options; `root`: only below a prefix. */
export function explorePart(
  world: World,
  options: ResolvedCheckOptions,
  root?: Root,
): ExploredPart {
  if (!options.allRules) return exploreOnce(world, options, root)
  world.heedNone()
  const start = options.clockMs()
  const part = exploreOnce(world, options, root)
  if (part.interrupted || !world.ends.has(DATA_RACE)) return part
  // what executions do behind a race is looked at without looking for races
  world.passRaces()
  const timeMaxMs = options.timeMaxMs - (options.clockMs() - start)
  return exploreOnce(world, { ...options, timeMaxMs }, root)
}

const DATA_RACE = 'data-race'

function exploreOnce(world: World, options: ResolvedCheckOptions, root?: Root): ExploredPart {
  const shared = new SharedWords(world.words)
  const { clockMs, timeMaxMs, signal, sharing } = options
  const start = clockMs()
  let interrupted = false
  let breach: Breach | undefined
  let hasEndless = false
  let stepsMost = 0
  let ended = 0
  const scheduler = schedulerOf(world, options, shared, root)
  const isOver = (): boolean => {
    interrupted = signal?.aborted === true
    return interrupted || clockMs() - start >= timeMaxMs
  }
  const explored = explore(world.execution, scheduler, {
    executionsMax: options.executionsMax,
    isOver,
    inspect: world.inspect,
    stop: (end: End) => {
      stepsMost = Math.max(stepsMost, world.execution.trace.length)
      if (options.scheduler === 'preemptions') shared.learn(world.execution)
      if (end.kind === 'steps') hasEndless = true
      if (options.allRules) return hasEndless || world.ends.has(DATA_RACE)
      breach = breachOf(world, end)
      if (breach !== undefined || hasEndless) return true
      if (sharing === undefined) return false
      if (end.kind !== 'abandoned' && sharing.spend()) return true
      if (++ended % sharing.every === 0 && scheduler instanceof Dpor)
        sharing.give(scheduler.handOut(world.execution.trace))
      return false
    },
    hasNews: () => options.scheduler === 'preemptions' && shared.takeNews(),
  })
  const breaches = breach === undefined ? [] : [breach]
  const found = { breaches, ends: [], ...(options.allRules && foundBy(world)) }
  return { ...explored, ...found, hasEndless, stepsMost, interrupted }
}

/** With the option allRules: what a world's executions have broken so far. */
export function foundBy(world: World): Pick<ExploredPart, 'breaches' | 'ends'> {
  return { breaches: [...world.broken.values()], ends: [...world.ends].sort() }
}

function schedulerOf(
  world: World,
  options: ResolvedCheckOptions,
  shared: SharedWords,
  root?: Root,
): Scheduler {
  const { cpus } = world
  const { scheduler, seed, depth } = options
  const samples = { first: options.firstSample, end: options.firstSample + options.samples }
  if (scheduler === 'depth-first') return new Exhaustive()
  if (scheduler === 'preemptions')
    return new Exhaustive({ preemptionsMax: options.preemptionsMax, isShared: shared.isShared })
  if (scheduler === 'random') return new RandomWalk(seed, samples.first, samples.end)
  if (scheduler === 'pct')
    return new Pct({ cpus, stepsGuess: options.stepsGuess }, { seed, depth, ...samples })
  if (scheduler === 'round-robin') return new RoundRobin(options.turn)
  return new Dpor(cpus, root)
}

/** Puts a report together, with a counterexample if a rule is broken. */
export function checkReport(
  scenario: Scenario,
  options: ResolvedCheckOptions,
  world: World,
  part: ExploredPart,
): CheckReport {
  const [counterexample, ...more] = sortedByRule(part.breaches).map((breach) => {
    if (options.allRules) world.heedOnly(breach.rule)
    return counterexampleOf(scenario, options, world, breach)
  })
  world.heedAll()
  return {
    schema: CHECK_REPORT_SCHEMA,
    version: VERSION,
    scenario,
    strategy: options.strategy?.id ?? scenario.strategy,
    verdict: verdictOf(options, world, part),
    executions: part.executions,
    abandoned: part.abandoned,
    steps: part.steps,
    outcomes: world.outcomes.size,
    ...(counterexample && { counterexample }),
    ...(options.allRules && counterexample && { moreCounterexamples: more }),
  }
}

const RULES = [...CHECK_RULES, ...VERIFY_RULES].map(({ rule }) => rule)

function sortedByRule(breaches: readonly Breach[]): Breach[] {
  return breaches.toSorted((a, b) => RULES.indexOf(a.rule) - RULES.indexOf(b.rule))
}

function counterexampleOf(
  scenario: Scenario,
  options: ResolvedCheckOptions,
  world: World,
  breach: Breach,
): ReportedCounterexample {
  const minimal: Minimised = minimise(world, breach, options.minimiseMax)
  const counterexample = tell(world, minimal.schedule)
  assert(counterexample.rule === minimal.rule, 'a counterexample does not repeat itself', {
    rule: minimal.rule,
    again: counterexample.rule,
  })
  const strategy = options.strategy?.id ?? scenario.strategy
  const token = formatToken(
    { strategy, rule: minimal.rule, schedule: minimal.schedule, scenario },
    options.world,
  )
  return { ...counterexample, isMinimal: minimal.isMinimal, token }
}

/** What the exploration allows to say, and no more. */
export function verdictOf(
  options: ResolvedCheckOptions,
  world: Pick<World, 'cpus' | 'stepsMax'>,
  part: ExploredPart,
): Verdict {
  const { executions } = part
  const breaches = sortedByRule(part.breaches)
  const [breach] = breaches
  const search = searchVerdict(options, world, part)
  if (breach === undefined) return search
  const { rule, message } = breach
  const all = { rules: breaches.map((each) => each.rule), search }
  return { kind: 'broken', rule, message, executions, ...(options.allRules && all) }
}

/** How far the search went, whatever it has found. */
function searchVerdict(
  options: ResolvedCheckOptions,
  world: Pick<World, 'cpus' | 'stepsMax'>,
  part: ExploredPart,
): Verdict {
  const { executions, left } = part
  if (part.hasEndless)
    return { kind: 'bounded', by: `${world.stepsMax} steps in one execution`, executions, left }
  const { scheduler, depth } = options
  if (scheduler === 'round-robin')
    return { kind: 'sampled', by: `round robin, turns of ${options.turn}`, schedules: executions }
  if (scheduler === 'random')
    return { kind: 'sampled', by: `random, seed ${options.seed}`, schedules: executions }
  if (scheduler === 'pct') {
    const steps = Math.max(part.stepsMost, options.stepsGuess)
    const chance = missChance(executions, world.cpus, steps, depth)
    return {
      kind: 'sampled',
      by: `PCT bound ${depth}, seed ${options.seed}`,
      schedules: executions,
      depth,
      missChance: chance,
    }
  }
  if (scheduler === 'preemptions')
    return {
      kind: 'bounded',
      by: `at most ${options.preemptionsMax} preemptions${part.isComplete ? '' : ', not all'}`,
      executions,
      left,
    }
  if (part.isComplete && part.ends.length === 0) return { kind: 'exhaustive', executions }
  const by = part.interrupted
    ? 'interrupted'
    : part.isComplete
      ? `executions that end at ${part.ends.join(', ')}`
      : executions >= options.executionsMax
        ? 'the number of executions'
        : 'time'
  return { kind: 'bounded', by, executions, left }
}
