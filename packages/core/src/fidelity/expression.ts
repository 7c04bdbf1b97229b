/**
 * How a kernel function's calls are counted here: a sum of our functions' calls, counters and events.
 *
 * An expression is terms joined by + and -: `name()` is how often our function ran, any other name a counter or an event of
 * the report; `4*` in front multiplies. One text serves the reader and the count.
 */

import { assert } from '../lib/assert.ts'

/** What a run counted. */
export interface Counted {
  /** Counters and events by key. */
  readonly counts: Readonly<Record<string, number>>
  /** Calls by function; a function that did not run may be absent. */
  readonly calls: ReadonlyMap<string, number>
}

const TERM = /([+-]) (?:(\d+)\*)?(\w+)(\(\))?/g

/** The value of an expression. */
export function evaluate(expression: string, { counts, calls }: Counted): number {
  let sum = 0
  for (const { sign, factor, name, isCall } of termsOf(expression)) {
    const value = isCall ? (calls.get(name) ?? 0) : counts[name]
    assert(value !== undefined, 'no counter or event of this name', { name, expression })
    sum += sign * factor * value
  }
  return sum
}

interface Term {
  readonly sign: number
  readonly factor: number
  readonly name: string
  readonly isCall: boolean
}

/** The terms of an expression, in order. Throws AssertionError for text that is none. */
export function termsOf(expression: string): Term[] {
  const text = `+ ${expression}`
  const terms = [...text.matchAll(TERM)]
  assert(terms.map(([term]) => term).join(' ') === text, 'not an expression', { expression })
  return terms.map(([, sign, factor = '1', name = '', call]) => ({
    sign: sign === '-' ? -1 : 1,
    factor: Number(factor),
    name,
    isCall: call !== undefined,
  }))
}
