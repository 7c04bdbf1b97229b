/**
 * The loop of a check: execution after execution, until the scheduler has none left, a rule breaks or a bound is reached.
 *
 * Invariant: whatever ends it, the machine is as it was before.
 */

import { takeNewMarks } from '../../sync/check-marks.ts'
import type { End, Execution } from './execution.ts'
import type { Scheduler } from './scheduler.ts'

export interface ExploreBounds {
  readonly executionsMax: number
  /** Asked now and then: is it to end here? */
  readonly isOver?: () => boolean
}

export interface ExploreOptions extends ExploreBounds {
  /**
   * Looks at the machine that a complete execution has left, or one that ended in any other way; what it returns in place
   * of `end` counts.
   */
  readonly inspect?: (execution: Execution, end: End) => End
  /** Called after each execution; true: that was enough. Default: stops at the first that is not as it should be. */
  readonly stop?: (end: End, execution: Execution) => boolean
  /** Has it turned out, in this execution, that the search was made with too little? It begins anew. */
  readonly hasNews?: () => boolean
}

/** What an exploration has come to. */
export interface Explored {
  /** Executions to their end, those that broke a rule included. */
  executions: number
  /** Executions that were given up: others cover them. */
  abandoned: number
  steps: number
  /** Exploration began anew so often, because a word turned out to be read without a lock. */
  restarts: number
  /** No execution is left. */
  isComplete: boolean
  /** Branches known and not explored. */
  left: number
  /** Why it stopped, if an execution was the reason. */
  end: End | undefined
}

const LOOK_EVERY = 64

function isFine(end: End): boolean {
  return end.kind === 'completed' || end.kind === 'abandoned'
}

/** Explores until the end of what the scheduler has. */
export function explore(
  execution: Execution,
  scheduler: Scheduler,
  options: ExploreOptions,
): Explored {
  try {
    return exploreOn(execution, scheduler, options)
  } finally {
    execution.undo()
  }
}

function exploreOn(execution: Execution, scheduler: Scheduler, options: ExploreOptions): Explored {
  const { executionsMax, isOver, inspect, stop = (end: End) => !isFine(end) } = options
  const result: Explored = {
    executions: 0,
    abandoned: 0,
    steps: 0,
    restarts: 0,
    isComplete: false,
    left: 0,
    end: undefined,
  }
  for (;;) {
    if (!scheduler.next()) {
      result.isComplete = true
      return result
    }
    const all = result.executions + result.abandoned
    if (result.executions >= executionsMax || (all % LOOK_EVERY === 0 && isOver?.() === true)) {
      result.left = scheduler.left?.() ?? 0
      return result
    }
    const ended = execution.run(scheduler)
    const end = inspect?.(execution, ended) ?? ended
    result.steps += execution.trace.length
    scheduler.ended?.(execution)
    if (end.kind === 'abandoned') result.abandoned++
    else result.executions++
    const isEnough = stop(end, execution)
    if (isEnough) {
      result.end = end
      result.left = scheduler.left?.() ?? 0
      return result
    }
    const hasNews = options.hasNews?.() === true
    if ((takeNewMarks() || hasNews) && scheduler.restart !== undefined) {
      scheduler.restart()
      result.restarts++
      result.executions = 0
      result.abandoned = 0
    }
  }
}
