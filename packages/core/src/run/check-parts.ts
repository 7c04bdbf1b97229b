/**
 * A check in parts, which threads can share: below prefixes of executions for source-DPOR, ranges of samples for random
 * schedules.
 *
 * The first part is the whole check. One that goes on for long gives some of itself away now and then, after so many
 * executions, and what it gives away is explored whole: what the parts are and find does not depend on who explores which, nor
 * on how many do; each class of executions is explored once. (With the option allRules there are more parts from the start,
 * found by running one execution after the other and handing out all branches beside it, and none gives anything away.) If a
 * part learns that steps depend on each other in a way that was not known when the parts were made, be it steps of another part,
 * they are made anew with it.
 */

import type { CheckKernel } from '../engines/check/compiled-text.ts'
import { explore } from '../engines/check/explore.ts'
import type { Breach } from '../engines/check/rule-error.ts'
import { Dpor, type Root } from '../engines/check/schedulers/dpor.ts'
import type { World } from '../engines/check/world.ts'
import { adoptMarks, knownMarks, takeNewMarks } from '../sync/check-marks.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { PartSharing, ResolvedCheckOptions } from './check-options.ts'
import type { CheckReport } from './check-report.ts'
import { checkReport, createWorld, type ExploredPart, explorePart, foundBy } from './run-check.ts'

/** Executions that are made to learn what depends on what, before parts are made. */
const LEARNING = 64

/** The whole check. */
const WHOLE: Root = { prefix: [], sleeping: [], isFull: false }

/** A part of a check. */
export interface CheckTask {
  /** Source-DPOR: below this. */
  readonly root?: Root
  /** Samples from this one on, so many. */
  readonly first?: number
  readonly samples?: number
}

export interface CheckPlan {
  readonly tasks: readonly CheckTask[]
  /** What the executions that found the parts have come to. */
  readonly explored: PartResult
}

export interface PartResult {
  readonly part: ExploredPart
  /** Hashes of the states that were reached. */
  readonly outcomes: Float64Array
  /** What is known of the words; absent: it does not matter. */
  readonly marks?: Uint8Array
}

/** One thread's share of a check. It has the thread's machine until it is disposed of. */
export class CheckSession {
  readonly #scenario: Scenario
  readonly #options: ResolvedCheckOptions
  readonly #world: World
  readonly #startMs: number

  constructor(scenario: Scenario, options: ResolvedCheckOptions) {
    this.#scenario = scenario
    this.#options = options
    this.#world = createWorld(scenario, options)
    this.#startMs = options.clockMs()
  }

  /**
   * The parts to begin with: of samples, and of all rules, at least `wanted`, if there are as many.
   * @param marks - what is known of the words.
   */
  plan(wanted: number, marks?: Uint8Array): CheckPlan {
    if (marks !== undefined) adoptMarks(marks)
    this.#world.outcomes.clear()
    const { scheduler } = this.#options
    if (scheduler === 'dpor') return this.#planDpor(wanted)
    const explored = this.#result(emptyPart())
    if (scheduler !== 'random' && scheduler !== 'pct') return { tasks: [{}], explored }
    const { samples } = this.#options
    const each = Math.ceil(samples / wanted)
    const tasks: CheckTask[] = []
    for (let first = 0; first < samples; first += each)
      tasks.push({ first, samples: Math.min(each, samples - first) })
    return { tasks, explored }
  }

  #planDpor(wanted: number): CheckPlan {
    const world = this.#world
    const { allRules } = this.#options
    if (allRules) world.heedNone()
    explore(world.execution, new Dpor(world.cpus), {
      executionsMax: LEARNING,
      stop: () => false,
    })
    takeNewMarks()
    world.outcomes.clear()
    if (!allRules) return { tasks: [{ root: WHOLE }], explored: this.#result(emptyPart()) }
    for (;;) {
      world.outcomes.clear()
      world.heedNone()
      const found = this.#split(wanted)
      if (!takeNewMarks()) return found
    }
  }

  /** Of all rules: takes the part with the shortest prefix, runs its first execution, and puts those beside it in its place. */
  #split(wanted: number): CheckPlan {
    const world = this.#world
    const part = emptyPart()
    let tasks: CheckTask[] = [{ root: WHOLE }]
    while (tasks.length > 0 && tasks.length < wanted) {
      const [{ root } = {}, ...rest] = tasks
      const dpor = new Dpor(world.cpus, root)
      dpor.next()
      const end = world.inspect(world.execution, world.execution.run(dpor))
      part.steps += world.execution.trace.length
      if (end.kind === 'abandoned') part.abandoned++
      else part.executions++
      const roots = dpor.rootsBeside(world.execution.trace)
      world.execution.undo()
      if (world.ends.has('data-race')) {
        // as explorePart does
        world.passRaces()
        return this.#split(wanted)
      }
      if (end.kind === 'steps')
        return this.#endOfSplit({ ...part, hasEndless: true, left: rest.length })
      tasks = [...rest, ...roots.map((each) => ({ root: each }))]
      tasks.sort((a, b) => (a.root?.prefix.length ?? 0) - (b.root?.prefix.length ?? 0))
    }
    return { ...this.#endOfSplit({ ...part, isComplete: true }), tasks }
  }

  #endOfSplit(part: ExploredPart): CheckPlan {
    return { tasks: [], explored: this.#result({ ...part, ...foundBy(this.#world) }) }
  }

  /**
   * Explores one part. The bound on time is that of the session.
   * @param sharing - absent: the part gives nothing away, and has the bound on executions for itself.
   */
  explore(
    { root, first, samples }: CheckTask,
    marks?: Uint8Array,
    sharing?: PartSharing,
  ): PartResult {
    if (marks !== undefined) adoptMarks(marks)
    this.#world.outcomes.clear()
    const { clockMs, timeMaxMs } = this.#options
    const options = {
      ...this.#options,
      timeMaxMs: timeMaxMs - (clockMs() - this.#startMs),
      ...(first !== undefined && { firstSample: first, samples: samples ?? 1 }),
      ...(sharing && { sharing }),
    }
    const part = explorePart(this.#world, options, root)
    return this.#result(part, root !== undefined)
  }

  #result(part: ExploredPart, hasMarks = true): PartResult {
    const outcomes = Float64Array.from(this.#world.outcomes)
    return { part, outcomes, ...(hasMarks && { marks: knownMarks() }) }
  }

  /** The report of all parts together. */
  report(part: ExploredPart, outcomes: number): CheckReport {
    const report = checkReport(this.#scenario, this.#options, this.#world, part)
    return { ...report, outcomes }
  }

  /**
   * From the next execution on the kernel text runs compiled. Nothing else changes.
   * @param kernel - made of the very text that the session was opened with.
   */
  useKernel(kernel: CheckKernel): void {
    this.#world.useKernel(kernel)
  }

  dispose(): void {
    this.#world.dispose()
  }
}

function emptyPart(): { -readonly [K in keyof ExploredPart]: ExploredPart[K] } {
  return {
    executions: 0,
    abandoned: 0,
    steps: 0,
    restarts: 0,
    isComplete: true,
    left: 0,
    breaches: [],
    ends: [],
    hasEndless: false,
    stepsMost: 0,
    interrupted: false,
  }
}

/**
 * What parts have come to together, in the order of the parts. Behind the first that breaks a rule they do not count, unless
 * all rules are asked for (`allRules`).
 */
export function mergeParts(
  parts: readonly ExploredPart[],
  unexplored: number,
  allRules = false,
): ExploredPart {
  const sum = emptyPart()
  const broken = new Map<string, Breach>()
  const ends = new Set<string>()
  for (const part of parts) {
    sum.executions += part.executions
    sum.abandoned += part.abandoned
    sum.steps += part.steps
    sum.left += part.left
    sum.isComplete &&= part.isComplete
    sum.interrupted ||= part.interrupted
    sum.hasEndless ||= part.hasEndless
    sum.stepsMost = Math.max(sum.stepsMost, part.stepsMost)
    for (const each of part.breaches) if (!broken.has(each.rule)) broken.set(each.rule, each)
    for (const each of part.ends) ends.add(each)
    if (broken.size > 0 && !allRules) return { ...sum, breaches: part.breaches }
  }
  sum.left += unexplored
  sum.isComplete &&= unexplored === 0
  return { ...sum, breaches: [...broken.values()], ends: [...ends].sort() }
}
