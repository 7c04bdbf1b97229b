/**
 * The values of an axis as text: `1,2,4..256`, `0..9`, `1..100*3`, `linux-6.5-laf,range-v1`.
 *
 * Owns the grammar. A list of items, separated by commas; an item is a value or, among numbers, a range:
 * - `A..B+S` is A, A + S, A + 2S, ...; `A..B*S` is A, AS, AS^2, ...
 * - `A..B` after two values or more goes on as they do, by adding or by multiplying; after none it is every integer.
 * A range names its own end, so that a mistyped one is told and never cut short.
 */

export type AxisValue = number | string

/** Values of one axis at most. */
export const AXIS_VALUES_MAX = 100_000

/** What is wrong with an item, in the parts of an issue. */
export interface ValueProblem {
  message: string
  value: string
  allowed?: string
  hint?: string
}

export type Expanded = { values: AxisValue[] } | { problem: ValueProblem }

/** The items of a text without blanks around them. */
export function itemsOf(text: string): string[] {
  return text.split(',').map((item) => item.trim())
}

/** Words are taken as they are. */
export function expandWords(items: readonly string[]): Expanded {
  if (items.includes('')) return { problem: emptyValue(items) }
  return { values: [...items] }
}

/** Numbers, with ranges among them. */
export function expandNumbers(items: readonly string[]): Expanded {
  if (items.includes('')) return { problem: emptyValue(items) }
  const values: number[] = []
  for (const item of items) {
    const found = expandItem(item, values)
    if ('problem' in found) return found
    values.push(...found.numbers)
  }
  return { values }
}

function emptyValue(items: readonly string[]): ValueProblem {
  return {
    message: 'has an empty value',
    value: items.join(','),
    allowed: 'values separated by commas',
  }
}

const FORMS = 'integers and ranges, as 1,2,4..256 or 0..100+10 or 1..256*2'
const RANGE = /^(\d+)\.\.(\d+)(?:([+*])(\d+))?$/

type Numbers = { numbers: number[] } | { problem: ValueProblem }

function expandItem(item: string, before: readonly number[]): Numbers {
  if (/^\d{1,15}$/.test(item)) return { numbers: [Number(item)] }
  const [, from = '', to = '', sign, by = ''] = RANGE.exec(item) ?? []
  if (from === '' || Math.max(from.length, to.length, by.length) > 15)
    return { problem: { message: 'is no integer and no range', value: item, allowed: FORMS } }
  const range = { item, from: Number(from), to: Number(to) }
  if (range.from >= range.to)
    return {
      problem: { message: 'goes from a value to no larger one', value: item, allowed: FORMS },
    }
  if (sign === undefined) return goOn(range, before)
  const step: Step = { sign: sign as '+' | '*', by: Number(by) }
  return isMoving(step) && (sign === '+' || range.from > 0) ? fill(range, step) : stuck(item)
}

interface Range {
  item: string
  from: number
  to: number
}

interface Step {
  sign: '+' | '*'
  by: number
}

function isMoving({ sign, by }: Step): boolean {
  return by > (sign === '+' ? 0 : 1)
}

function stuck(item: string): Numbers {
  const allowed = 'a step of at least +1 or *2, and no multiples of 0'
  return { problem: { message: 'never comes to its end', value: item, allowed } }
}

/** A range without a step: as the values before it, or every integer. */
function goOn(range: Range, before: readonly number[]): Numbers {
  if (before.length === 0) return fill(range, { sign: '+', by: 1 })
  const step = before.length < 2 ? undefined : progression(before.slice(-2), range.from)
  if (step !== undefined) return fill(range, step)
  const { item } = range
  const message =
    before.length < 2
      ? 'may go on in several ways after one value'
      : 'does not go on as the two values before it do'
  return {
    problem: { message, value: item, hint: `write ${item}+1, or ${item}*2, or another step` },
  }
}

/** How two values lead to a third; undefined: they do not, by a step of whole numbers. */
function progression([a = 0, b = 0]: readonly number[], c: number): Step | undefined {
  const added: Step = { sign: '+', by: b - a }
  if (isMoving(added) && c - b === b - a) return added
  const times: Step = { sign: '*', by: b / a }
  return Number.isInteger(times.by) && isMoving(times) && c === b * times.by ? times : undefined
}

function fill({ item, from, to }: Range, { sign, by }: Step): Numbers {
  const numbers: number[] = []
  let next = from
  for (; next <= to; next = sign === '+' ? next + by : next * by) {
    numbers.push(next)
    if (numbers.length > AXIS_VALUES_MAX)
      return {
        problem: {
          message: 'has too many values',
          value: item,
          allowed: `at most ${AXIS_VALUES_MAX}`,
        },
      }
  }
  const last = numbers.at(-1)
  if (last === to) return { numbers }
  const hint = `the values go from ${last} to ${next}: write one of them as the end`
  return {
    problem: { message: `does not come to ${to} in steps of ${sign}${by}`, value: item, hint },
  }
}
