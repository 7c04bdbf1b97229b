/**
 * Verdicts, worked counts, tokens and schedulers of checks of the catalogue's worlds.
 */
import { describe, expect, test } from 'vitest'

import {
  CHECK_RULES,
  CHECK_WORLDS,
  findCheckWorld,
  findingOf,
  formatToken,
  parseScenario,
  parseToken,
  replayCheck,
  runCheck,
  STRATEGIES,
  TokenError,
  VERIFY_RULES,
  verdictLine,
  type CheckOptions,
  type CheckReport,
} from '../../src/index.ts'
import { worldScenario } from '../engines/check/world-scenario.ts'

function checkWorld(name: string, strategy: string, options: CheckOptions = {}): CheckReport {
  return runCheck(worldScenario(name, strategy), { world: name, ...options })
}

describe('counts that can be worked out by hand', () => {
  // two exits: who takes each page's last mapping (2 ways a page), who comes first at _nr_pages_mapped (range: once for
  // all pages), who drops the last reference
  test.each([
    ['shared-order0', 'range-v1', 2 * 2],
    ['shared-order2', 'range-v1', 2 ** 4 * 2 * 2],
    ['shared-order3', 'range-v1', 2 ** 8 * 2 * 2],
    ['shared-order0', 'linux-6.5', 2 * 2],
    ['shared-order2', 'linux-6.5', 2 ** 4 * 2],
    ['shared-order3', 'linux-6.5', 2 ** 8 * 2],
  ])('%s, %s: %i executions, none given up', (world, strategy, executions) => {
    const report = checkWorld(world, strategy)
    expect(report.verdict).toEqual({ kind: 'exhaustive', executions })
    expect(report.abandoned).toBe(0)
  })

  test('three exits of one page, by plain values: 3! orders of mappings times 3! of references', () => {
    const { verdict, outcomes } = checkWorld('shared-order0-by-3', 'range-v1', { values: 'plain' })
    expect(verdict).toEqual({ kind: 'exhaustive', executions: 36 })
    // who was last at either
    expect(outcomes).toBe(9)
  })

  test('the same executions in the same order, twice', () => {
    expect(checkWorld('partial-munmap', 'range-v1')).toEqual(
      checkWorld('partial-munmap', 'range-v1'),
    )
  })
})

describe.each(['linux-6.5', 'range-v1'])(
  '%s: the results do not depend on the reduction',
  (strategy) => {
    test.each([
      'shared-order0',
      'shared-order2',
      'shared-order0-by-3',
      'two-gathers',
      'reclaim-beside-exit',
    ])('%s: by observation and by plain values', (world) => {
      const observed = checkWorld(world, strategy)
      const plain = checkWorld(world, strategy, { values: 'plain' })
      expect(observed.verdict.kind).toBe('exhaustive')
      expect(plain.verdict.kind).toBe('exhaustive')
      expect(observed.outcomes).toBe(plain.outcomes)
      expect(observed.executions).toBeLessThanOrEqual(plain.executions)
    })

    test('at most two preemptions: no result that all interleavings do not have', () => {
      const all = checkWorld('shared-order0', strategy)
      const few = checkWorld('shared-order0', strategy, {
        scheduler: 'preemptions',
        preemptionsMax: 2,
      })
      expect(few.outcomes).toBe(all.outcomes)
      expect(few.executions).toBeGreaterThan(all.executions)
      expect(verdictLine(few.verdict)).toMatch(
        /^bounded: at most 2 preemptions, \d+ executions, at least 0 left$/,
      )
    })
  },
)

const LONG = ['shared-order3', 'split-beside-removal']
const FEW = ['linux-6.5', 'range-v1', 'linux-6.18-npm']

test('every world is checked whole under every strategy, or breaks a rule that findings list', () => {
  const wrong: string[] = []
  for (const world of CHECK_WORLDS) {
    for (const { strategy } of STRATEGIES) {
      // thousands of executions, or of steps: under some strategies
      if (LONG.includes(world.name) && !FEW.includes(strategy.id)) continue
      const { verdict } = checkWorld(world.name, strategy.id, { minimiseMax: 0 })
      const known = findingOf(world, strategy.id)
      const found = verdict.kind === 'broken' ? verdict.rule : verdict.kind
      if (found !== (known === '' ? 'exhaustive' : known))
        wrong.push(`${world.name} ${strategy.id}: ${verdictLine(verdict)}`)
    }
  }
  expect(wrong).toEqual([])
}, 120_000)

describe('sampling', () => {
  test('random and PCT schedules are those of their seed', () => {
    for (const scheduler of ['random', 'pct'] as const) {
      const options = { scheduler, samples: 50, seed: 7 }
      const report = checkWorld('shared-order2', 'range-v1', options)
      expect(report).toEqual(checkWorld('shared-order2', 'range-v1', options))
      expect(report.executions).toBe(50)
      expect(report.outcomes).toBeGreaterThan(1)
    }
  })

  test('the chance to miss a bug is stated, and only where it is known', () => {
    const pct = checkWorld('shared-order0', 'linux-6.5', {
      scheduler: 'pct',
      samples: 2000,
      depth: 1,
    })
    // n = 2, d = 1: each schedule hits with at least 1/2
    expect(verdictLine(pct.verdict)).toBe(
      'sampled: 2,000 schedules, PCT bound 1, seed 1, chance to miss a bug of depth 1 at most 0.000000000001 %',
    )
    const random = checkWorld('shared-order0', 'linux-6.5', { scheduler: 'random', samples: 10 })
    expect(verdictLine(random.verdict)).toBe(
      'sampled: 10 schedules, random, seed 1, nothing is known of what they miss',
    )
  })

  test('PCT finds the page that is lost from the statistics', () => {
    const { verdict } = checkWorld('split-beside-removal', 'linux-6.5', {
      scheduler: 'pct',
      samples: 3000,
      stepsGuess: 30,
      minimiseMax: 0,
    })
    expect(verdict).toMatchObject({ kind: 'broken', rule: 'vmstat' })
  })

  test('round robin is one schedule', () => {
    const { verdict } = checkWorld('shared-order3', 'range-v1', {
      scheduler: 'round-robin',
      turn: 3,
    })
    expect(verdictLine(verdict)).toBe(
      'sampled: 1 schedule, round robin, turns of 3, nothing is known of what they miss',
    )
  })
})

describe('bounds are said', () => {
  test('executions', () => {
    const { verdict } = checkWorld('shared-order3', 'range-v1', { executionsMax: 100 })
    expect(verdict).toMatchObject({
      kind: 'bounded',
      by: 'the number of executions',
      executions: 100,
    })
    expect(verdict.kind === 'bounded' && verdict.left).toBeGreaterThan(0)
  })

  test('steps of one execution', () => {
    const { verdict } = checkWorld('shared-order3', 'range-v1', { stepsMax: 10 })
    expect(verdict).toMatchObject({ kind: 'bounded', by: '10 steps in one execution' })
  })

  test('time', () => {
    let now = 0
    const { verdict } = checkWorld('shared-order3', 'range-v1', {
      timeMaxMs: 5,
      clockMs: () => now++,
    })
    expect(verdict).toMatchObject({ kind: 'bounded', by: 'time' })
  })

  test('options out of bounds are refused', () => {
    expect(() => checkWorld('shared-order0', 'range-v1', { depth: 0 })).toThrow(/depth: got 0/)
    expect(() => checkWorld('shared-order0', 'range-v1', { executionsMax: 0.5 })).toThrow(
      /executionsMax/,
    )
  })
})

describe('counterexamples', () => {
  test('of a race: the fewest switches, named objects, and a token that repeats it', () => {
    const { counterexample } = checkWorld('split-scan', 'linux-6.5')
    expect(counterexample).toMatchObject({ rule: 'data-race', isMinimal: true, contextSwitches: 2 })
    const token = parseToken(counterexample?.token ?? '')
    const told = replayCheck(token)
    expect(told.steps).toEqual(counterexample?.steps)
    expect(told.message).toContain('folio A _deferred_list.next')
    expect(told.steps.some(({ functions }) => functions.includes('deferredSplitScan'))).toBe(true)
  })

  test('a token holds the scenario of a check that is not of the catalogue', () => {
    const world = findCheckWorld('pmd-then-pte')
    if (world === undefined) throw new Error('no world')
    const scenario = parseScenario({
      schema: 'mmgather/scenario@1',
      name: 'größer',
      strategy: 'range-v1',
      ...world.input('range-v1'),
    })
    const { counterexample } = runCheck(scenario)
    const token = parseToken(counterexample?.token ?? '')
    expect(token.scenario).toEqual(scenario)
    expect(replayCheck(token).rule).toBe('rmap-once')
    expect(formatToken(token)).toBe(counterexample?.token)
  })

  test('texts that are no tokens are refused', () => {
    for (const text of [
      '',
      'mmg1',
      'mmg2:a:b:0:c',
      'mmg1:linux-6.5:r:0y:shared-order0',
      'mmg1:linux-6.5:r:0:nowhere',
      'mmg1:linux-6.5:r:0:~!!',
    ])
      expect(() => parseToken(text)).toThrow(TokenError)
  })

  test('a schedule that does not fit says so', () => {
    const token = parseToken('mmg1:linux-6.5:r:5:shared-order0')
    expect(() => replayCheck(token)).toThrow(/CPU 5 cannot go on/)
  })
})

test('rules have names of their own', () => {
  const names = [...CHECK_RULES, ...VERIFY_RULES].map(({ rule }) => rule)
  expect(new Set(names).size).toBe(names.length)
})
