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
import type { StrategyFile } from '@mmgather/workers'
import { UsageError } from './errors.ts'
import { readText } from './io/read-text.ts'

export interface LoadedScenario {
  scenario: Scenario
  /** The file it came from. */
  path?: string
  /** The file of its strategy, if that does not ship. */
  strategyFile?: StrategyFile | undefined
}

/** @param flagOf the flag of an override, as the user writes it. */
export async function loadScenario(
  name: string,
  overrides: ScenarioOverrides,
  flagOf: (key: string) => string | undefined,
): Promise<LoadedScenario> {
  const loaded = await readScenario(name)
  const { strategy } = overrides
  const strategyFile = strategy && (await findStrategy(strategy, '--strategy'))
  if (strategy === undefined) checkStrategy(loaded.scenario.strategy, `${name}: strategy`)
  const scenario = override(name, loaded.scenario, overrides, flagOf, strategyFile || undefined)
  return { ...loaded, scenario, ...(strategyFile && { strategyFile }) }
}

/** As `loadScenario`, for each of these strategies in place of the scenario's own. */
export async function loadScenarios(
  name: string,
  overrides: ScenarioOverrides,
  strategies: readonly string[],
  flagOf: (key: string) => string | undefined,
): Promise<{ scenarios: LoadedScenario[]; path?: string }> {
  const files: (StrategyFile | undefined)[] = []
  for (const strategy of strategies) files.push(await findStrategy(strategy, '--strategies'))
  checkIds(files)
  const { scenario, ...from } = await readScenario(name)
  const flag = (key: string): string | undefined =>
    key === 'strategy' ? '--strategy' : flagOf(key)
  const scenarios = strategies.map((strategy, i) => ({
    scenario: override(name, scenario, { ...overrides, strategy }, flag, files[i]),
    strategyFile: files[i],
  }))
  return { scenarios, ...from }
}

/** The scenario that a name stands for, as it is. @throws UsageError or ScenarioError */
export async function readScenario(name: string): Promise<LoadedScenario> {
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
  strategyFile?: StrategyFile,
): Scenario {
  try {
    const strategy = strategyFile?.id ?? overrides.strategy
    const changed = overrideScenario(scenario, { ...overrides, strategy })
    scenarioLimits(changed, strategyFile?.kernel)
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

/** The file that a flag names as a strategy; undefined: it names one that ships. */
export async function findStrategy(named: string, flag: string): Promise<StrategyFile | undefined> {
  if (!namesFile(named)) {
    checkStrategy(named, flag)
    return undefined
  }
  const { loadStrategyFile } = await import('@mmgather/workers')
  return loadStrategyFile(named)
}

/** The file that --strategy names; undefined: it names a strategy that ships. */
export function findStrategyFlag(named: string): Promise<StrategyFile | undefined> {
  return findStrategy(named, '--strategy')
}

/** Has it a folder, or the ending of a program? */
export function namesFile(strategy: string): boolean {
  return /[/\\]/.test(strategy) || /\.[cm]?[jt]s(?:#|$)/.test(strategy)
}

/** @throws UsageError unless a strategy of this id ships. */
export function checkStrategy(id: string, field: string): void {
  const known = STRATEGIES.map(({ strategy }) => strategy.id)
  if (known.includes(id)) return
  // a scenario is data: running it must not run what it names
  const isFile = namesFile(id)
  throw new UsageError({
    field,
    problem: isFile ? 'a strategy file is named on the command line' : 'there is no such strategy',
    value: id,
    allowed: `one of ${known.join(', ')}${field.startsWith('--') ? ', or a TypeScript file' : ''}`,
    ...(isFile ? { hint: `use --strategy ${id}` } : { near: { written: id, known } }),
  })
}

/** Figures are told apart by the ids of their strategies. */
function checkIds(files: readonly (StrategyFile | undefined)[]): void {
  const loaded = files.filter((file) => file !== undefined)
  const twice = loaded.find(({ id }, i) => loaded.findIndex((other) => other.id === id) < i)
  if (twice === undefined) return
  throw new UsageError({
    field: '--strategies',
    problem: 'two files have strategies of one id',
    value: twice.id,
    hint: `give the one in ${twice.named} another`,
  })
}
