/** Worlds of the catalogue by name, for tests. */
import { assert } from '../../../src/lib/assert.ts'
import { checkWorldScenario } from '../../../src/run/check-world.ts'
import { findCheckWorld } from '../../../src/run/check-worlds.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'

/** The scenario of a world under a strategy. */
export function worldScenario(name: string, strategy: string): Scenario {
  const world = findCheckWorld(name)
  assert(world !== undefined, 'no such world', { name })
  return checkWorldScenario(world, strategy)
}
