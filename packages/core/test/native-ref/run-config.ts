/**
 * Runs one scenario on one CPU and hands out its counters: the only place of these tests that knows
 * how a run is made.
 */
import {
  createMachine,
  parseScenario,
  populate,
  runOneCpu,
  type ScenarioInput,
  strategyOf,
} from '../../src/index.ts'
import { collectCounters } from '../../src/metrics/collect.ts'

export function runScenario(input: ScenarioInput): Readonly<Record<string, number>> {
  const scenario = parseScenario(input)
  const machine = createMachine(scenario)
  populate(machine, scenario)
  runOneCpu(machine, strategyOf(scenario))
  return collectCounters(machine)
}
