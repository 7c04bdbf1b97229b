/**
 * The version of this package, and the command that makes a report again.
 */

import { presets, presetScenario, type Scenario } from '@mmgather/core'
import { readFileSync } from 'node:fs'

import type { ResolvedOptions } from './options.ts'

/** From the manifest, which lies beside `src` and `dist` alike. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** `mmgather run` with the preset's name, or with the name of a file that is called like the scenario. */
export function reproduceCommand(scenario: Scenario, options: ResolvedOptions): string {
  if (options.reproduce !== undefined) return options.reproduce
  const source = isPreset(scenario) ? scenario.name : `${scenario.name}.yaml`
  const file = options.strategyFile
  const strategy = file === undefined ? '' : ` --strategy ${file.named}`
  const code = options.code === undefined ? '' : ` --code ${options.code}`
  return `mmgather run ${source}${strategy} --runs ${options.runs}${code}`
}

function isPreset(scenario: Scenario): boolean {
  if (!presets.some(({ name }) => name === scenario.name)) return false
  return JSON.stringify(presetScenario(scenario.name)) === JSON.stringify(scenario)
}
