/**
 * From what the user named to a scenario that can run: a preset, a file or stdin, with the flags applied.
 *
 * Owns the rule what is a preset and what is a file. The name of a preset is that preset, whatever lies in the current
 * folder; else a name with a slash or an extension, or of something that exists, is a file.
 */
import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import {
  overrideScenario,
  parseScenarioText,
  presets,
  presetScenario,
  type Scenario,
  ScenarioError,
  scenarioLimits,
  type ScenarioOverrides,
  STRATEGIES,
} from '@mmgather/core'
import { UsageError } from './errors.ts'
import { readText } from './io/read-text.ts'

export interface LoadedScenario {
  scenario: Scenario
  /** The file it came from. */
  path?: string
}

/** @param flagOf the flag of an override, as the user writes it. */
export async function loadScenario(
  name: string,
  overrides: ScenarioOverrides,
  flagOf: (key: string) => string | undefined,
): Promise<LoadedScenario> {
  const loaded = await read(name)
  if (overrides.strategy !== undefined) checkStrategy(overrides.strategy, '--strategy')
  else checkStrategy(loaded.scenario.strategy, `${name}: strategy`)
  return { ...loaded, scenario: override(name, loaded.scenario, overrides, flagOf) }
}

/** As `loadScenario`, for each of these strategies in place of the scenario's own. */
export async function loadScenarios(
  name: string,
  overrides: ScenarioOverrides,
  strategies: readonly string[],
  flagOf: (key: string) => string | undefined,
): Promise<{ scenarios: Scenario[]; path?: string }> {
  for (const strategy of strategies) checkStrategy(strategy, '--strategies')
  const { scenario, ...from } = await read(name)
  const flag = (key: string): string | undefined =>
    key === 'strategy' ? '--strategy' : flagOf(key)
  const scenarios = strategies.map((strategy) =>
    override(name, scenario, { ...overrides, strategy }, flag),
  )
  return { scenarios, ...from }
}

async function read(name: string): Promise<LoadedScenario> {
  if (presets.some((preset) => preset.name === name)) return { scenario: presetScenario(name) }
  if (name === '-') return { scenario: parseScenarioText(await readText('-'), { source: 'stdin' }) }
  if (name.includes('/') || extname(name) !== '' || existsSync(name)) {
    return { scenario: parseScenarioText(await readText(name), { source: name }), path: name }
  }
  throw new UsageError({
    field: 'SCENARIO',
    problem: 'there is no such preset or file',
    value: name,
    hint: 'see mmgather scenarios',
    near: { written: name, known: presets.map((preset) => preset.name) },
  })
}

/**
 * Applies the flags and asks whether the result fits a machine. Errors name the flag, or the flags and the field of the
 * scenario that they make wrong.
 */
function override(
  name: string,
  scenario: Scenario,
  overrides: ScenarioOverrides,
  flagOf: (key: string) => string | undefined,
): Scenario {
  try {
    const changed = overrideScenario(scenario, overrides)
    scenarioLimits(changed)
    return changed
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    const issues = error.issues.map((issue) => ({
      ...issue,
      path: flagOf(issue.path) ?? issue.path,
    }))
    if (issues.every(({ path }) => path.startsWith('--'))) throw new ScenarioError(issues, name)
    const flags = Object.entries(overrides)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${flagOf(key) ?? key} ${value}`)
    throw new ScenarioError(issues, [name, ...flags].join(' '))
  }
}

function checkStrategy(id: string, field: string): void {
  const known = STRATEGIES.map(({ strategy }) => strategy.id)
  if (known.includes(id)) return
  const isFile = /\.[cm]?[jt]s$/.test(id)
  throw new UsageError({
    field,
    problem: isFile ? 'strategy files come with a later release' : 'there is no such strategy',
    value: id,
    allowed: `one of ${known.join(', ')}`,
    near: { written: id, known },
  })
}
