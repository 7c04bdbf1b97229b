/**
 * Runs one scenario on one CPU and hands out its counters and what `verify` found: the only place of these
 * tests that knows how a run is made.
 */
import {
  collectCounters,
  type CounterKey,
  createMachine,
  parseScenario,
  populate,
  runOneCpu,
  type ScenarioInput,
  strategyOf,
  verify,
  type Violation,
} from '../../src/index.ts'

export interface ScenarioRun {
  counters: Record<CounterKey, number>
  violations: Violation[]
}

export function runScenario(input: ScenarioInput): ScenarioRun {
  const scenario = parseScenario(input)
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  runOneCpu(machine, strategyOf(scenario))
  return { counters: collectCounters(machine), violations: verify(machine, census) }
}
