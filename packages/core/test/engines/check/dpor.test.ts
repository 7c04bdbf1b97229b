/**
 * Source-DPOR against plain depth-first search: on random programs both find the same outcomes, and on programs whose
 * traces can be counted by hand it makes that many executions.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type Step, withDpor, withoutReduction } from './litmus.ts'

const SEED = Number(process.env['FC_SEED'] ?? 20261125)

describe('classic litmus tests', () => {
  const write = (word: number): Step => ({ op: 'fetchAdd', word, by: 1 })
  const read = (word: number): Step => ({ op: 'read', word })

  test('store buffering: three of the four results, for this is sequential consistency', () => {
    const { executions, abandoned, outcomes, isComplete } = withDpor([
      [write(0), read(1)],
      [write(1), read(0)],
    ])
    expect({ executions, abandoned, outcomes: outcomes.size, isComplete }).toEqual({
      executions: 3,
      abandoned: 0,
      outcomes: 3,
      isComplete: true,
    })
  })

  test('independent CPUs: one execution', () => {
    const { executions } = withDpor([[write(0), write(0)], [write(1), write(1)], [write(2)]])
    expect(executions).toBe(1)
  })

  test('k CPUs that write one word: k!', () => {
    expect(withDpor([[write(0)], [write(0)], [write(0)]]).executions).toBe(6)
    expect(withDpor([[write(0)], [write(0)], [write(0)], [write(0)]]).executions).toBe(24)
  })

  test('k CPUs that write n words in one order: the k!^n of their orders, all possible', () => {
    const all = [write(0), write(1), write(2)]
    expect(withDpor([all, all]).executions).toBe(8)
    expect(withDpor([all, all]).abandoned).toBe(0)
  })

  test('k decrements of which one hits: k executions, by who hits', () => {
    const put: Step = { op: 'decAndTest', word: 0 }
    const two = withDpor([[put], [put]], { initial: [2] })
    const three = withDpor([[put], [put], [put]], { initial: [3] })
    expect([two.executions, three.outcomes.size]).toEqual([2, 3])
    expect(three.executions).toBeLessThan(
      withDpor([[put], [put], [put]], { initial: [3], plainValues: true }).executions,
    )
  })

  test('a lock: the orders of its holders', () => {
    const hold: Step[] = [{ op: 'lock', lock: 0 }, write(0), { op: 'unlock', lock: 0 }]
    expect(withDpor([hold, hold]).executions).toBe(2)
    expect(withDpor([hold, hold, hold]).executions).toBe(6)
    expect(withDpor([[...hold, ...hold], hold]).executions).toBe(3)
  })

  test('two locks taken in opposite order: the deadlock is found', () => {
    const taken = (a: number, b: number): Step[] => [
      { op: 'lock', lock: a },
      { op: 'lock', lock: b },
      { op: 'unlock', lock: b },
      { op: 'unlock', lock: a },
    ]
    const { outcomes } = withDpor([taken(0, 1), taken(1, 0)])
    expect([...outcomes].some((outcome) => outcome.startsWith('deadlock'))).toBe(true)
  })
})

const word = fc.integer({ min: 0, max: 1 })
const by = fc.constantFrom(1, 1, 2)
const mask = fc.constantFrom(1, 2)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'sub'), word, by }),
  fc.record({
    op: fc.constantFrom('addNegative', 'subAndTest', 'subReturn', 'addReturn', 'fetchAdd'),
    word,
    by,
  }),
  fc.record({ op: fc.constantFrom('decAndTest', 'incAndTest', 'incNotZero', 'read'), word }),
  fc.record({
    op: fc.constantFrom('setBit', 'clearBit', 'testAndSetBit', 'testAndClearBit'),
    word,
    mask,
  }),
) as fc.Arbitrary<Step>

/** Decrements as teardown makes them: of a few counters, at different floors. */
const putStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constantFrom('subAndTest', 'sub'), word, by: fc.constant(1) }),
  fc.record({ op: fc.constant('decAndTest'), word }),
  fc.record({ op: fc.constant('addNegative'), word, by: fc.constant(-1) }),
) as fc.Arbitrary<Step>

/** Holds of two locks, tried or waited for, now and then one inside the other. */
const hold: fc.Arbitrary<Step[]> = fc
  .record({
    op: fc.constantFrom<'lock' | 'trylock'>('lock', 'lock', 'trylock'),
    lock: fc.integer({ min: 0, max: 1 }),
    inner: fc.option(fc.integer({ min: 0, max: 1 })),
    body: fc.array(anyStep, { maxLength: 1 }),
  })
  .map(({ op, lock, inner, body }): Step[] => {
    const nested: Step[] =
      inner === null || inner === lock || op === 'trylock'
        ? body
        : [{ op: 'lock', lock: inner }, ...body, { op: 'unlock', lock: inner }]
    return [{ op, lock }, ...nested, { op: 'unlock', lock }]
  })

function programs(
  step: fc.Arbitrary<Step[]>,
  cpus: number,
  length: number,
): fc.Arbitrary<Step[][]> {
  const one = fc.array(step, { minLength: 1, maxLength: length }).map((parts) => parts.flat())
  return fc.array(one, { minLength: 2, maxLength: cpus })
}

/** Compares `runs` random programs; returns how many small enough ones there were. */
function compared(arbitrary: fc.Arbitrary<Step[][]>, runs: number, plainValues: boolean): number {
  const initial = fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 2, maxLength: 2 })
  let n = 0
  fc.assert(
    fc.property(arbitrary, initial, (cpus, words) => {
      const all = withoutReduction(cpus, { initial: words, executionsMax: 10_000 })
      fc.pre(all.isComplete)
      n++
      const reduced = withDpor(cpus, { initial: words, plainValues })
      expect(reduced.isComplete).toBe(true)
      expect([...reduced.outcomes].sort()).toEqual([...all.outcomes].sort())
      expect(reduced.executions).toBeLessThanOrEqual(all.executions)
    }),
    { seed: SEED, numRuns: runs },
  )
  return n
}

describe.each([
  ['by what is observed', false],
  ['by plain values', true],
])('the same outcomes as without reduction, %s', (_, plainValues) => {
  const one = (step: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> => step.map((each) => [each])

  test('two CPUs, any operations', () => {
    expect(compared(programs(one(anyStep), 2, 5), 300, plainValues)).toBeGreaterThan(100)
  })
  test('three CPUs, any operations', () => {
    expect(compared(programs(one(anyStep), 3, 3), 300, plainValues)).toBeGreaterThan(100)
  })
  test('three CPUs, decrements', () => {
    expect(compared(programs(one(putStep), 3, 3), 300, plainValues)).toBeGreaterThan(100)
  })
  test('locks', () => {
    expect(compared(programs(hold, 3, 2), 150, plainValues)).toBeGreaterThan(50)
  })
})
