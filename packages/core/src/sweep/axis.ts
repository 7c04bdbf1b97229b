/**
 * An axis of a sweep: one key, or several that change together, and the values that they take.
 *
 * Owns which keys there are. Invariant of an Axis: each key once; at least one entry, no two the same; an entry has a
 * value for each key, and each value is one that the key can have.
 */
import { didYouMean } from '../lib/did-you-mean.ts'
import type { ScenarioOverrides } from '../scenario/input.ts'
import { type FoundIssue, publicIssue } from '../scenario/issues.ts'
import { overridesSchema } from '../scenario/schema.ts'
import { int } from '../scenario/schema-leaves.ts'
import { issuesFromZod } from '../scenario/schema-issues.ts'
import type { PathSegment } from '../scenario/path.ts'
import {
  AXIS_VALUES_MAX,
  type AxisValue,
  expandNumbers,
  expandWords,
  itemsOf,
} from './axis-values.ts'
import { SweepError } from './sweep-error.ts'

/** Overrides of the scenario, the machine profile, and how far apart CPUs start. */
export type AxisKey = Exclude<keyof ScenarioOverrides, 'seed'> | 'profile' | 'jitter'

/** Number: an integer, with ranges; word: text. */
const FORMS: Readonly<Record<AxisKey, 'number' | 'word'>> = {
  strategy: 'word',
  cpus: 'number',
  processes: 'number',
  pages: 'number',
  order: 'number',
  share: 'number',
  mapped: 'word',
  lruvecs: 'number',
  swapClusterMax: 'number',
  lock: 'word',
  pageTables: 'word',
  teardown: 'word',
  profile: 'word',
  jitter: 'number',
}

/** The keys, in the order in which they are listed to people. */
export const AXIS_KEYS: readonly AxisKey[] = Object.keys(FORMS) as AxisKey[]

/** Nanoseconds; the bound of the virtual engine. */
const JITTER = int(0, 1_000_000_000)

export interface Axis {
  /** Linked keys change together. */
  readonly keys: readonly AxisKey[]
  /** In their order; each has a value for each of `keys`. */
  readonly values: readonly (readonly AxisValue[])[]
}

/** Values of one point, or of all points. */
export type AxisValues = Partial<Record<AxisKey, AxisValue>>

export type ParsedAxis = { axis: Axis } | { issues: FoundIssue[] }

/** The key that a name stands for: `swapClusterMax` or `swap-cluster-max`. */
export function axisKeyOf(name: string): AxisKey | undefined {
  const key = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return AXIS_KEYS.find((known) => known === key)
}

/**
 * The axis of `--axis`: `cpus=1,2,4..256`; linked `cpus+processes=1..64*2`, where both have the value, or
 * `strategy+order=linux-6.5:0,range-v1:3`, a value for each.
 * @param flag - that has the text; issues name it, and the key.
 */
export function parseAxisText(text: string, flag: string): ParsedAxis {
  const path = [flag]
  const at = text.indexOf('=')
  if (at <= 0) {
    const hint = `as ${AXIS_KEYS[1]}=1,2,4..256`
    return { issues: [{ path, message: 'names no key and no values', value: text, hint }] }
  }
  const names = text.slice(0, at).split('+')
  const keys: AxisKey[] = []
  for (const name of names.map((each) => each.trim())) {
    const key = axisKeyOf(name)
    if (key === undefined) return { issues: [unknownKey(name, path)] }
    keys.push(key)
  }
  const items = itemsOf(text.slice(at + 1))
  const columns = keys.map((_, i) => items.map((item) => partOf(item, i, keys.length)))
  const short = items.find((item) => isTuple(item, keys) && item.split(':').length !== keys.length)
  if (short !== undefined) {
    const allowed = `one value for all, or ${keys.length} joined by colons`
    return { issues: [{ path, message: 'has not a value for each key', value: short, allowed }] }
  }
  return linkAxis(
    keys.map((key, i) => ({ key, values: columns[i] as string[], path: [`${flag} ${key}`] })),
    path,
  )
}

function isTuple(item: string, keys: readonly AxisKey[]): boolean {
  return keys.length > 1 && item.includes(':')
}

function partOf(item: string, i: number, keys: number): string {
  return keys > 1 && item.includes(':') ? (item.split(':')[i] ?? '').trim() : item
}

function unknownKey(name: string, path: readonly PathSegment[]): FoundIssue {
  if (name === 'seed' || name === 'seeds')
    return { path, message: 'is no axis', value: name, hint: 'repeat points with --seeds N' }
  const allowed = AXIS_KEYS.join(', ')
  const hint = didYouMean(name, AXIS_KEYS)
  return { path, message: 'is no key of an axis', value: name, allowed, ...(hint && { hint }) }
}

/**
 * The axis of an `--axis` flag, see `parseAxisText`.
 * @throws SweepError
 */
export function parseAxis(text: string): Axis {
  const parsed = parseAxisText(text, '--axis')
  if ('axis' in parsed) return parsed.axis
  throw new SweepError(parsed.issues.map((issue) => publicIssue(issue)))
}

/** A key with its values as they were written: a number, text in the grammar of axis-values.ts, or a list of these. */
export interface WrittenValues {
  key: AxisKey
  values: AxisValue | readonly AxisValue[]
  path: readonly PathSegment[]
}

/** Keys that change together, each with as many values. */
export function linkAxis(
  written: readonly WrittenValues[],
  path: readonly PathSegment[],
): ParsedAxis {
  const columns: AxisValue[][] = []
  for (const each of written) {
    const column = valuesOf(each)
    if ('issues' in column) return column
    columns.push(column.values)
  }
  const keys = written.map(({ key }) => key)
  const issue = twice(keys, path) ?? unequal(keys, columns, path)
  if (issue !== undefined) return { issues: [issue] }
  const values = (columns[0] ?? []).map((_, i) => columns.map((column) => column[i] as AxisValue))
  if (values.length > AXIS_VALUES_MAX)
    return {
      issues: [{ path, message: 'has too many values', allowed: `at most ${AXIS_VALUES_MAX}` }],
    }
  const seen = new Set<string>()
  for (const entry of values) {
    const text = entry.join(':')
    if (seen.has(text))
      return {
        issues: [
          { path, message: 'has a value twice', value: text, hint: 'leave one of them out' },
        ],
      }
    seen.add(text)
  }
  return { axis: { keys, values } }
}

function twice(keys: readonly AxisKey[], path: readonly PathSegment[]): FoundIssue | undefined {
  const key = keys.find((each, i) => keys.indexOf(each) < i)
  return key && { path, message: 'has a key twice', value: key, hint: 'leave one of them out' }
}

function unequal(
  keys: readonly AxisKey[],
  columns: readonly (readonly AxisValue[])[],
  path: readonly PathSegment[],
): FoundIssue | undefined {
  if (columns.every((column) => column.length === columns[0]?.length)) return undefined
  const counts = keys.map((key, i) => `${key} has ${columns[i]?.length}`).join(', ')
  return { path, message: `links keys with different numbers of values: ${counts}` }
}

function valuesOf({
  key,
  values,
  path,
}: WrittenValues): { values: AxisValue[] } | { issues: FoundIssue[] } {
  const items = (Array.isArray(values) ? values : [values]).flatMap((each: AxisValue) =>
    typeof each === 'number' ? [String(each)] : itemsOf(each),
  )
  const expanded = FORMS[key] === 'number' ? expandNumbers(items) : expandWords(items)
  if ('problem' in expanded) return { issues: [{ path, ...expanded.problem }] }
  for (const value of expanded.values) {
    const [issue] = checkAxisValue(key, value)
    if (issue !== undefined) return { issues: [{ ...issue, path }] }
  }
  return expanded
}

/** What is wrong with a value of a key; the path is the key's. */
export function checkAxisValue(key: AxisKey, value: AxisValue): FoundIssue[] {
  const schema = key === 'jitter' ? JITTER : key === 'profile' ? undefined : overridesSchema
  if (schema === undefined) return []
  const input = schema === JITTER ? value : { [key]: value }
  const parsed = schema.safeParse(input)
  if (parsed.success) return []
  return issuesFromZod(parsed.error, input).map((issue) => ({ ...issue, path: [key] }))
}
