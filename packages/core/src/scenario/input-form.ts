/**
 * A parsed scenario back in the input form, and either form as the text of a scenario file.
 *
 * Invariant: `parseScenario(scenarioToInput(s))` is `s` again. The parsed form itself must not be parsed: its `start`
 * counts pages, that of the input form bytes.
 */
import { Document, isMap, isScalar, isSeq, visit } from 'yaml'
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

/** The text of a scenario file (YAML), with just the keys that `input` has; small maps and lists stand on one line. */
export function scenarioToText(input: ScenarioInput): string {
  const document = new Document(input, { aliasDuplicateObjects: false })
  visit(document, {
    Collection(_key, node) {
      const items: readonly unknown[] = isMap(node)
        ? node.items.map((pair) => pair.value)
        : node.items
      if (items.every((item) => isScalar(item) || isFlow(item))) node.flow = true
    },
  })
  return document.toString({ lineWidth: 110, singleQuote: true })
}

function isFlow(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.flow === true
}
