/**
 * Sweep files: YAML or JSON text becomes a Sweep, or a SweepError with all that is wrong.
 *
 * Owns the format: `schema`, `name`, `description`, `scenario` (a preset, or a file relative to this one), `set` (one
 * value each, for all points), `axes` (a list; several keys in one entry are linked), `seeds`.
 */
import * as z from 'zod'
import type { ScenarioIssue } from '../scenario/errors.ts'
import { FIRST_LINE_HINT, type FoundIssue, publicIssue } from '../scenario/issues.ts'
import { issuesFromZod } from '../scenario/schema-issues.ts'
import { int, label, list, map, text } from '../scenario/schema-leaves.ts'
import { readYaml } from '../scenario/yaml-text.ts'
import {
  type Axis,
  AXIS_KEYS,
  type AxisKey,
  type AxisValues,
  checkAxisValue,
  linkAxis,
} from './axis.ts'
import { AXIS_VALUES_MAX, type AxisValue } from './axis-values.ts'
import { SweepError } from './sweep-error.ts'

export const SWEEP_SCHEMA = 'mmgather/sweep@1'
/** Seeds of one combination at most. */
export const SEEDS_MAX = 1_000_000
const AXES_MAX = 16

/** What is varied of which scenario. */
export interface Sweep {
  name: string
  description: string
  /** A preset, or the path of a scenario file. */
  scenario: string
  /** Values of all points. */
  set: AxisValues
  /** Of the first point of each combination; undefined: the scenario's. */
  seed?: number
  axes: Axis[]
  /** Points of each combination. */
  seeds: number
}

const VALUE_TEXT = 'an integer, or text'
const VALUES_TEXT = 'a value, text as 1,2,4..256, or a list of these'

const value = z.union([z.int(), label(1000, 1)], { error: () => VALUE_TEXT })
const values = z.union([value, list(value, 1, AXIS_VALUES_MAX)], { error: () => VALUES_TEXT })

function keyed<T extends z.ZodType>(item: T): Record<AxisKey, z.ZodOptional<T>> {
  return Object.fromEntries(AXIS_KEYS.map((key) => [key, item.optional()])) as Record<
    AxisKey,
    z.ZodOptional<T>
  >
}

const sweepSchema = map({
  schema: z
    .literal(SWEEP_SCHEMA, { error: () => SWEEP_SCHEMA })
    .describe('Version of this format.'),
  name: label(200).default('').describe('One line for people.'),
  description: text(10_000).default('').describe('Text for people.'),
  scenario: label(1000, 1).describe('A preset, or a scenario file, relative to this file.'),
  set: map({ ...keyed(value), seed: int(0, 2 ** 31 - 1).optional() })
    .default({})
    .describe('Values of all points.'),
  axes: list(map(keyed(values)), 0, AXES_MAX)
    .default([])
    .describe('What is varied; several keys in one entry change together.'),
  seeds: int(1, SEEDS_MAX).default(1).describe('Points of each combination, a seed each.'),
})

/** Is this the text of a sweep file, and not of a scenario? */
export function isSweepText(content: string): boolean {
  return /(?:^|[\n{,])[ \t]*["']?schema["']?[ \t]*:[ \t]*["']?mmgather\/sweep@/.test(
    content.slice(0, 65_536),
  )
}

/**
 * Parses the text of a sweep file: JSON, or YAML 1.2, of which JSON is a part.
 * @param options.source where the text came from; error messages begin with it.
 * @throws SweepError with all issues, each with its line and column.
 */
export function parseSweepText(content: string, options: { source?: string } = {}): Sweep {
  const yaml = readYaml(content)
  if ('issues' in yaml) throw new SweepError(yaml.issues.map(aboutSweeps), options.source)
  const read = readSweep(yaml.value)
  if ('sweep' in read) return read.sweep
  const issues = read.issues.map((issue) => publicIssue(issue, yaml.locate))
  throw new SweepError(issues.map(aboutSweeps), options.source)
}

function readSweep(input: unknown): { sweep: Sweep } | { issues: FoundIssue[] } {
  const parsed = sweepSchema.safeParse(input)
  if (!parsed.success) return { issues: issuesFromZod(parsed.error, input) }
  const { schema: _, set: given, axes: entries, ...rest } = parsed.data
  const { seed, ...set } = given
  const issues: FoundIssue[] = Object.entries(set).flatMap(([key, one]) =>
    checkAxisValue(key as AxisKey, one as AxisValue).map((issue) => ({
      ...issue,
      path: ['set', key],
    })),
  )
  const axes: Axis[] = []
  entries.forEach((entry, i) => {
    const path = ['axes', i]
    const written = (Object.entries(entry) as [AxisKey, AxisValue | AxisValue[]][]).map(
      ([key, one]) => ({ key, values: one, path: [...path, key] }),
    )
    if (written.length === 0)
      issues.push({ path, message: 'has no key', hint: 'as { cpus: 1..64*2 }' })
    const found = linkAxis(written, path)
    if ('issues' in found) issues.push(...found.issues)
    else axes.push(found.axis)
  })
  issues.push(...repeatedKeys(axes, set as AxisValues))
  if (issues.length > 0) return { issues }
  return { sweep: { ...rest, axes, set: set as AxisValues, ...(seed !== undefined && { seed }) } }
}

function repeatedKeys(axes: readonly Axis[], set: AxisValues): FoundIssue[] {
  const seen = new Set<AxisKey>()
  return axes.flatMap(({ keys }, i) =>
    keys.flatMap((key): FoundIssue[] => {
      const path = ['axes', i, key]
      if (set[key] !== undefined)
        return [
          {
            path,
            message: 'is set for all points, and varied',
            hint: 'leave one of them out',
            atKey: true,
          },
        ]
      if (seen.has(key))
        return [
          { path, message: 'is varied by two axes', hint: 'leave one of them out', atKey: true },
        ]
      seen.add(key)
      return []
    }),
  )
}

/** The issues come from code that reads scenarios; what they say about the first line is about those. */
function aboutSweeps(issue: ScenarioIssue): ScenarioIssue {
  if (issue.hint !== FIRST_LINE_HINT) return issue
  return { ...issue, hint: `a sweep file starts with the line \`schema: ${SWEEP_SCHEMA}\`` }
}
