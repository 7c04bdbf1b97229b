/**
 * check: for tests. Resolves if no rule can break within the bounds asked for, rejects with the counterexample as its message.
 */

import {
  type CheckReport,
  checkWorldScenario,
  counterexamplesOf,
  counterexampleTable,
  findCheckWorld,
  findStrategy,
  type Scenario,
  verdictLine,
} from '@mmgather/core'

import { runCheckInThreads, type RunCheckInThreadsOptions } from './run-check.ts'
import { disposeStrategyFile, loadStrategyFile } from '../strategy-file/strategy-file.ts'

/** A rule can break: the message tells how, with the token that replays it. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError'
  readonly report: CheckReport

  constructor(report: CheckReport) {
    super(messageOf(report))
    this.report = report
  }
}

export interface CheckInTestOptions extends Omit<RunCheckInThreadsOptions, 'strategyFile'> {
  /** The id of a strategy that ships, or a strategy file; default: the scenario's, of a world of the catalogue `linux-6.5`. */
  strategy?: string
}

/**
 * Checks a scenario, or a world of the catalogue by its name. What it resolves with says whether everything was explored:
 * `report.verdict`. Rejects with CheckFailedError, and with what `runCheckInThreads` and `loadStrategyFile` reject with.
 */
export async function check(
  scenario: Scenario | string,
  options: CheckInTestOptions = {},
): Promise<CheckReport> {
  const { strategy, ...rest } = options
  const isFile = strategy !== undefined && findStrategy(strategy) === undefined
  const strategyFile = isFile ? await loadStrategyFile(strategy) : undefined
  try {
    const world = typeof scenario === 'string' ? { world: scenario } : {}
    const given = scenarioOf(scenario, isFile ? undefined : strategy)
    const report = await runCheckInThreads(given, {
      ...rest,
      ...world,
      ...(strategyFile && { strategyFile }),
    })
    if (report.verdict.kind === 'broken') throw new CheckFailedError(report)
    return report
  } finally {
    if (strategyFile !== undefined) disposeStrategyFile(strategyFile)
  }
}

function scenarioOf(scenario: Scenario | string, strategy: string | undefined): Scenario {
  if (typeof scenario !== 'string')
    return strategy === undefined ? scenario : { ...scenario, strategy }
  const world = findCheckWorld(scenario)
  if (world === undefined)
    throw new RangeError(
      `scenario: got ${scenario}; allowed: a scenario or a world of the catalogue`,
    )
  return checkWorldScenario(world, strategy ?? 'linux-6.5')
}

function messageOf(report: CheckReport): string {
  const head = `${report.scenario.name}, ${report.strategy}: ${verdictLine(report.verdict)}`
  const told = counterexamplesOf(report).map(
    (each) => `${each.message}\n\n${counterexampleTable(each)}\n\nmmgather replay ${each.token}`,
  )
  return [head, ...told].join('\n')
}
