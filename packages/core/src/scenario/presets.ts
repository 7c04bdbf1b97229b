/**
 * Scenarios that come with the package, by name.
 *
 * Owns the list and the look-up; the scenarios stand in `presets/`. Each is real in shape and small enough to run in
 * about a second.
 */
import { ScenarioError } from './errors.ts'
import { publicIssue, unknownName } from './issues.ts'
import { parseScenario } from './parse-scenario.ts'
import { exitPresets } from './presets/exit.ts'
import { hugePresets } from './presets/huge.ts'
import { mixedPresets } from './presets/mixed.ts'
import { programPresets } from './presets/programs.ts'
import type { Preset } from './presets/preset.ts'
import type { Scenario } from './scenario.ts'

/** All presets, in the order in which they are listed to people. */
export const presets: readonly Preset[] = [
  ...exitPresets,
  ...mixedPresets,
  ...hugePresets,
  ...programPresets,
]

/**
 * The preset of this name, parsed.
 * @throws ScenarioError if there is none, with the names there are and the nearest one.
 */
export function presetScenario(name: string): Scenario {
  const preset = presets.find((one) => one.name === name)
  if (preset !== undefined) return parseScenario(preset.scenario)
  const names = presets.map((one) => one.name)
  const issue = unknownName([], 'preset', name, names)
  throw new ScenarioError([publicIssue({ ...issue, allowed: `one of ${names.join(', ')}` })])
}
