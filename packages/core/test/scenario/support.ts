/**
 * What the scenario tests share: a smallest valid scenario to vary, and the message of the error that parsing throws.
 */
import { ScenarioError } from '../../src/scenario/errors.ts'
import type { ProcessGroupInput, ScenarioInput, VmaInput } from '../../src/scenario/input.ts'
import { parseScenario, parseScenarioText } from '../../src/scenario/parse-scenario.ts'
import { SCENARIO_SCHEMA } from '../../src/scenario/scenario.ts'

/** A valid scenario of one process with one VMA of 16 pages, with these keys put in. */
export function scenarioOf(keys: Partial<ScenarioInput> = {}): ScenarioInput {
  return {
    schema: SCENARIO_SCHEMA,
    processes: [{ vmas: [{ kind: 'anon', pages: 16 }] }],
    ...keys,
  }
}

/** A valid scenario whose one process has these VMAs. */
export function vmasOf(vmas: VmaInput[], keys: Partial<ScenarioInput> = {}): ScenarioInput {
  return scenarioOf({ processes: [{ vmas }], ...keys })
}

export function groupsOf(processes: ProcessGroupInput[]): ScenarioInput {
  return scenarioOf({ processes })
}

/** The ScenarioError that `run` throws; fails if it throws none. */
export function errorOf(run: () => unknown): ScenarioError {
  try {
    run()
  } catch (error) {
    if (error instanceof ScenarioError) return error
    throw error
  }
  throw new Error('no ScenarioError was thrown')
}

/** Message for input that must not parse. Not typed: the input is wrong on purpose. */
export function messageOf(input: unknown): string {
  return errorOf(() => parseScenario(input)).message
}

/** Message for text that must not parse. */
export function textMessageOf(text: string, source?: string): string {
  return errorOf(() => parseScenarioText(text, source === undefined ? {} : { source })).message
}

/** Why each of these inputs does not parse; no entry for those that do. */
export function problemsOf(...inputs: unknown[]): string[] {
  return inputs.flatMap((input) => {
    try {
      parseScenario(input)
      return []
    } catch (error) {
      return [String(error)]
    }
  })
}
