/**
 * From what the user named, a sweep file or a scenario, and the flags to a sweep with everything loaded that its points
 * share: the scenario, the profiles, the strategy files.
 *
 * Owns how flags and a sweep file go together: a flag sets a value for all points in place of the file's, and an axis of
 * a flag takes the place of the file's axis of the same keys.
 */
import { existsSync } from 'node:fs'
import { extname, isAbsolute, join, dirname } from 'node:path'
import {
  type Axis,
  type AxisKey,
  type AxisValues,
  countPoints,
  DEFAULT_PROFILE,
  isSweepText,
  parseAxis,
  parseSweepText,
  POINTS_MAX,
  presets,
  type Scenario,
  type Sweep,
  type SweepOptions,
} from '@mmgather/core'
import type { StrategyFile } from '@mmgather/workers'
import { UsageError } from '../errors.ts'
import { readText } from '../io/read-text.ts'
import { type LoadedProfile, loadProfile } from '../load-profile.ts'
import { checkStrategy, findStrategy, namesFile, readScenario } from '../load-scenario.ts'

export interface LoadedSweep {
  name: string
  description: string
  scenario: Scenario
  set: AxisValues
  axes: readonly Axis[]
  seeds: number
  /** Of the first point of each combination. */
  seed: number
  options: SweepOptions
  /** By the name that a point has. */
  profiles: ReadonlyMap<string, LoadedProfile>
  /** By the name that a point has; strategies that ship are not in it. */
  strategyFiles: ReadonlyMap<string, StrategyFile>
  /** Files that were read. */
  inputs: { path: string | undefined; is: string }[]
}

/** What flags say of a sweep. */
export interface SweepInput {
  axes: readonly string[]
  set: AxisValues
  seed: number | undefined
  seeds: number | undefined
  options: SweepOptions
}

/** @throws UsageError, SweepError, ScenarioError, ProfileError, StrategyFileError */
export async function loadSweep(name: string, flags: SweepInput): Promise<LoadedSweep> {
  const file = await readSweepFile(name)
  const flagAxes = flags.axes.map((text) => parseAxis(text))
  const axes = [
    ...(file?.sweep.axes ?? []).filter((axis) => !isReplaced(axis, flagAxes)),
    ...flagAxes,
  ]
  const set = { ...file?.sweep.set, ...flags.set }
  checkKeys(axes, set, file?.sweep.set ?? {}, flags.set)
  const seeds = flags.seeds ?? file?.sweep.seeds ?? 1
  checkCount(axes, seeds)
  const { scenario, path } = await readScenario(file?.sweep.scenario ?? name)
  const seed = flags.seed ?? file?.sweep.seed ?? scenario.seed
  const strategies = valuesOf('strategy', axes, set)
  if (strategies.length === 0) checkStrategy(scenario.strategy, `${name}: strategy`)
  return {
    name: file?.sweep.name || scenario.name,
    description: file?.sweep.description ?? scenario.description,
    scenario,
    set,
    axes,
    seeds,
    seed,
    options: flags.options,
    profiles: await loadProfiles(valuesOf('profile', axes, set)),
    strategyFiles: await loadStrategies(strategies, flagAxes, flags.set),
    inputs: [
      { path: file?.path, is: 'the sweep file' },
      { path, is: 'the scenario file' },
    ],
  }
}

/** Undefined: it names no sweep file. Presets and files of scenarios are told apart as `mmgather run` does. */
async function readSweepFile(name: string): Promise<{ sweep: Sweep; path: string } | undefined> {
  const isPreset = presets.some((preset) => preset.name === name)
  const isFile = name.includes('/') || extname(name) !== '' || existsSync(name)
  if (isPreset || name === '-' || !isFile) return undefined
  const text = await readText(name, {
    allowed: 'a sweep file, a scenario file, or the name of a preset',
    hint: 'see mmgather scenarios',
  })
  if (!isSweepText(text)) return undefined
  const sweep = parseSweepText(text, { source: name })
  const from = (path: string): string => besideFile(name, path)
  const axes = sweep.axes.map(({ keys, values }) => ({
    keys,
    values: values.map((entry) =>
      entry.map((value, i) => (keys[i] === 'profile' ? from(String(value)) : value)),
    ),
  }))
  const { profile } = sweep.set
  const set = { ...sweep.set, ...(profile !== undefined && { profile: from(String(profile)) }) }
  return { path: name, sweep: { ...sweep, axes, set, scenario: from(sweep.scenario) } }
}

/** What a sweep file names lies beside it; names of presets and profiles stay. */
function besideFile(file: string, path: string): string {
  const isPath = path.includes('/') || extname(path) !== ''
  return isPath && !isAbsolute(path) ? join(dirname(file), path) : path
}

function isReplaced({ keys }: Axis, by: readonly Axis[]): boolean {
  const own = keys.toSorted().join()
  return by.some((axis) => axis.keys.toSorted().join() === own)
}

/** Flags that nothing else replaces, so a key may be in one place only. */
function checkKeys(
  axes: readonly Axis[],
  set: AxisValues,
  ofFile: AxisValues,
  ofFlags: AxisValues,
): void {
  const seen = new Set<AxisKey>()
  for (const key of axes.flatMap(({ keys }) => keys)) {
    if (seen.has(key))
      throw new UsageError({
        field: `--axis ${key}`,
        problem: 'is varied by two axes',
        hint: 'leave one of them out',
      })
    seen.add(key)
    if (set[key] === undefined) continue
    const place =
      ofFlags[key] === undefined && ofFile[key] !== undefined ? 'by the file' : 'by a flag'
    throw new UsageError({
      field: `--axis ${key}`,
      problem: `is varied, and set ${place} for all points`,
      hint: 'leave one of them out',
    })
  }
}

function checkCount(axes: readonly Axis[], seeds: number): void {
  const points = countPoints(axes, seeds)
  if (points <= POINTS_MAX) return
  const factors = [...axes.map(({ values }) => values.length), seeds]
  throw new UsageError({
    field: '--axis',
    problem: `makes ${points} points: ${factors.join(' x ')}`,
    allowed: `at most ${POINTS_MAX}`,
    hint: 'use fewer values or seeds, or several sweeps',
  })
}

/** All values that points have of a key. */
function valuesOf(key: AxisKey, axes: readonly Axis[], set: AxisValues): string[] {
  const fixed = set[key]
  const varied = axes.flatMap(({ keys, values }) => {
    const at = keys.indexOf(key)
    return at < 0 ? [] : values.map((entry) => String(entry[at]))
  })
  return [...new Set([...(fixed === undefined ? [] : [String(fixed)]), ...varied])]
}

async function loadProfiles(names: readonly string[]): Promise<Map<string, LoadedProfile>> {
  const loaded = new Map<string, LoadedProfile>()
  for (const name of names.length === 0 ? [DEFAULT_PROFILE] : names)
    loaded.set(name, await loadProfile(name, names.length === 1 ? '--profile' : '--axis profile'))
  return loaded
}

/** Only the command line may name a strategy file: a sweep file is data, and running it must not run what it names. */
async function loadStrategies(
  names: readonly string[],
  flagAxes: readonly Axis[],
  flagSet: AxisValues,
): Promise<Map<string, StrategyFile>> {
  const byFlag = new Set(valuesOf('strategy', flagAxes, flagSet))
  const loaded = new Map<string, StrategyFile>()
  for (const name of names) {
    if (!byFlag.has(name) && namesFile(name)) {
      throw new UsageError({
        field: 'strategy',
        problem: 'a strategy file is named on the command line',
        value: name,
        hint: 'use --axis strategy=... or --strategy',
      })
    }
    const field = flagSet.strategy === undefined ? '--axis strategy' : '--strategy'
    const file = await findStrategy(name, byFlag.has(name) ? field : 'strategy')
    if (file !== undefined) loaded.set(name, file)
  }
  return loaded
}
