/**
 * Runs one scenario on one CPU and hands out its counters: the only place of these tests that knows
 * how a run is made.
 */
import {
  collectCounters,
  createMachine,
  parseScenario,
  populate,
  runOneCpu,
  verify,
} from '../../src/index.ts'
import type { ScenarioInput } from '../../src/scenario/input.ts'

export function runScenario(input: ScenarioInput): Readonly<Record<string, number>> {
  const scenario = parseScenario(input)
  const machine = createMachine(scenario)
  populate(machine, scenario)
  runOneCpu(machine)
  verify(machine)
  return collectCounters(machine)
}
