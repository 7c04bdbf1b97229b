/** What a failed property says: the scenario as a file, which `mmgather run` takes. */
import { parseScenarioText, scenarioToInput, scenarioToText } from '../../src/index.ts'
import type { Scenario } from '../../src/index.ts'

const MARK = '\nscenario, for mmgather run:\n'

/** Runs a check of a scenario under a strategy; what it throws ends in the scenario's file. */
export function reportingFile<T>(scenario: Scenario, strategy: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    const text = scenarioToText(scenarioToInput({ ...scenario, strategy }))
    throw new Error(`${strategy}: ${String(error)}${MARK}${text}`, { cause: error })
  }
}

/** The scenario of the file at the end of an error. */
export function scenarioIn(message: string): Scenario {
  return parseScenarioText(message.slice(message.lastIndexOf(MARK) + MARK.length))
}
