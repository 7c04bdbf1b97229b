/**
 * A parsed scenario back in the input form, and either form as the text of a scenario file.
 *
 * Invariant: `parseScenario(scenarioToInput(s))` is `s` again. The parsed form itself must not be parsed: its `start`
 * counts pages, that of the input form bytes.
 */
import { Document, isMap, isScalar, isSeq } from 'yaml'
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
  if (isMap(document.contents))
    for (const pair of document.contents.items) layOut(pair.value, pair.key)
  return document.toString({ lineWidth: LINE, singleQuote: true })
}

const LINE = 100
/** Lists that people add to: always an entry per line. */
const BLOCK_LISTS = new Set(['processes', 'vmas', 'files', 'runs', 'swapRuns', 'teardown'])

/** Puts a map or list on one line if it is short and all within it is on one line too. */
function layOut(node: unknown, key?: unknown): void {
  if (!isMap(node) && !isSeq(node)) return
  if (isMap(node)) for (const pair of node.items) layOut(pair.value, pair.key)
  else for (const item of node.items) layOut(item)
  const parts: readonly unknown[] = isMap(node) ? node.items.map((pair) => pair.value) : node.items
  const asBlock = isScalar(key) && BLOCK_LISTS.has(String(key.value))
  const short = JSON.stringify(node).length < LINE
  node.flow = short && !asBlock && parts.every((part) => isScalar(part) || isFlow(part))
}

function isFlow(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.flow === true
}
