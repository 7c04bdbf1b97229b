/**
 * The shortest way to break a rule that an exploration has seen broken: fewest context switches, then fewest steps.
 *
 * All executions with no preemption are searched, then those with one, and so on, until one breaks the same rule. Among
 * those of that number of preemptions the one with the fewest switches is taken, and of those the shortest. A bound on the
 * executions keeps it short; if it is reached, the best so far is what comes out, and the result says so.
 */

import { explore } from './explore.ts'
import { Exhaustive } from './schedulers/exhaustive.ts'
import { SharedWords } from './shared-words.ts'
import type { End } from './execution.ts'
import type { Breach } from './rule-error.ts'
import type { World } from './world.ts'

export interface Minimised extends Breach {
  readonly contextSwitches: number
  /** No execution with fewer switches breaks the rule, nor a shorter one with as many. */
  readonly isMinimal: boolean
}

/** Changes of the CPU in a schedule. */
export function contextSwitches(schedule: readonly number[]): number {
  return schedule.reduce((n, cpu, i) => (i > 0 && cpu !== schedule[i - 1] ? n + 1 : n), 0)
}

/** What `end` and the execution that has just ended come to, if that breaks a rule. */
export function breachOf(world: World, end: End): Breach | undefined {
  const { trace } = world.execution
  if (end.kind === 'broken')
    return { rule: end.rule, message: end.message, schedule: trace.schedule() }
  if (end.kind === 'deadlock')
    return { rule: 'deadlock', message: world.describeWaits(), schedule: trace.schedule() }
  return undefined
}

function isBetter(a: Breach, b: Breach | undefined): boolean {
  if (b === undefined) return true
  const fewer = contextSwitches(a.schedule) - contextSwitches(b.schedule)
  return fewer < 0 || (fewer === 0 && a.schedule.length < b.schedule.length)
}

/** @param executionsMax - of the whole search. */
export function minimise(world: World, found: Breach, executionsMax: number): Minimised {
  const shared = new SharedWords(world.words)
  const most = contextSwitches(found.schedule)
  let best: Breach = found
  let left = executionsMax
  for (let preemptionsMax = 0; preemptionsMax <= most; ) {
    let here: Breach | undefined
    const scheduler = new Exhaustive({ preemptionsMax, isShared: shared.isShared })
    const explored = explore(world.execution, scheduler, {
      executionsMax: left,
      inspect: world.inspectAlways,
      stop: (end) => {
        shared.learn(world.execution)
        const breach = breachOf(world, end)
        if (breach?.rule === found.rule && isBetter(breach, here)) here = breach
        return false
      },
    })
    left -= explored.executions
    // of equals the one that this search meets first, whatever was found before it
    if (here !== undefined && !isBetter(best, here)) best = here
    if (!explored.isComplete || left <= 0) return result(best, false)
    if (shared.takeNews()) continue
    if (here !== undefined) return result(best, true)
    preemptionsMax++
  }
  return result(best, false)
}

function result(best: Breach, isMinimal: boolean): Minimised {
  return { ...best, contextSwitches: contextSwitches(best.schedule), isMinimal }
}
