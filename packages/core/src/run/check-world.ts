/**
 * A world of a check: a small scenario for any strategy, and what is known to break in it.
 */

import type { ScenarioInput } from '../scenario/input.ts'
import { parseScenario } from '../scenario/parse-scenario.ts'
import type { Scenario } from '../scenario/scenario.ts'

/** A world of the catalogue, or one made from a seed. */
export interface CheckWorld {
  readonly name: string
  /** What meets what. */
  readonly summary: string
  /** The rule that breaks here in a strategy as it was published (docs/findings.md), '' if none does. `*`: in all others. */
  readonly findings: Readonly<Record<string, string>>
  readonly input: (strategy: string) => Omit<ScenarioInput, 'schema' | 'name' | 'strategy'>
}

/** The rule that is known to break in a world under a strategy; '': none. */
export function findingOf({ findings }: CheckWorld, strategy: string): string {
  return findings[strategy] ?? findings['*'] ?? ''
}

/** The scenario of a world under a strategy. */
export function checkWorldScenario(
  { name, summary, input }: CheckWorld,
  strategy: string,
): Scenario {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name,
    description: summary,
    strategy,
    ...input(strategy),
  })
}
