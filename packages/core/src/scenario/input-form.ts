/**
 * A parsed scenario back in the input form.
 *
 * Invariant: `parseScenario(scenarioToInput(s))` is `s` again. The parsed form itself must not be parsed: its `start`
 * counts pages, that of the input form bytes.
 */
import type { ScenarioInput, VmaInput } from './input.ts'
import { PAGE_BYTES } from './limits.ts'
import type { Scenario, Vma } from './scenario.ts'

/** The scenario as input, every default written out. Shares the parts that are the same in both forms. */
export function scenarioToInput(scenario: Scenario): ScenarioInput {
  return {
    ...scenario,
    processes: scenario.processes.map((group) => ({ ...group, vmas: group.vmas.map(vmaToInput) })),
  }
}

function vmaToInput(vma: Vma): VmaInput {
  const { start, ...rest } = vma
  return start === undefined ? rest : { ...rest, start: `0x${(start * PAGE_BYTES).toString(16)}` }
}
