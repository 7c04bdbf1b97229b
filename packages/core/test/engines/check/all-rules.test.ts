/**
 * Checks that go on behind broken rules: every rule is told, each by an execution of its own that repeats it, and how the
 * check is shared out makes no difference.
 */
import { describe, expect, test } from 'vitest'

import {
  checkWorldScenario,
  CheckSession,
  counterexamplesOf,
  findCheckWorld,
  mergeParts,
  parseToken,
  replayCheck,
  resolveCheckOptions,
  runCheck,
  type CheckReport,
  type Scenario,
} from '../../../src/index.ts'
import { areNews, knownMarks } from '../../../src/sync/check-marks.ts'
import { MUTANTS } from './mutant-list.ts'
import { type LoadedMutant, loadMutant, type Mutant } from './mutants.ts'

const BUDGET = { allRules: true, executionsMax: 5000, minimiseMax: 5000 } as const

function mutantOf(id: string): Mutant {
  const found = MUTANTS.find((each) => each.id === id)
  if (found === undefined) throw new Error(`no mutant ${id}`)
  return found
}

function scenarioOf({ world, strategy }: Pick<Mutant, 'world' | 'strategy'>): Scenario {
  const found = findCheckWorld(world)
  if (found === undefined) throw new Error(`no world ${world}`)
  return checkWorldScenario(found, strategy)
}

async function withMutant<T>(id: string, use: (mutant: Mutant, loaded: LoadedMutant) => T) {
  const mutant = mutantOf(id)
  const loaded = await loadMutant(mutant)
  try {
    return use(mutant, loaded)
  } finally {
    loaded.dispose()
  }
}

function rulesOf({ verdict }: CheckReport): readonly string[] | undefined {
  return verdict.kind === 'broken' ? verdict.rules : undefined
}

describe.each([
  // what verify finds at the end of one execution
  ['one-reference-for-a-range', ['refcount-high', 'pages-conserved', 'folios-conserved'], 32],
  // a deadlock in some executions, a lock that stays taken in others
  ['lruvec-lock-kept', ['deadlock', 'lock-held'], 14],
  // executions go on behind a race, for which the search is made again
  ['refcount-by-load-and-store', ['data-race'], 2],
  // a CPU whose assertion fails stops, and the others go on
  [
    'scan-list-without-reference',
    ['bug-on', 'data-race', 'counter-floor', 'refcount-below-mapcount', 'free-page-state'],
    214,
  ],
])('%s', (id, rules, executions) => {
  test('every rule is told, with a counterexample that repeats it', async () => {
    await withMutant(id, (mutant, { options }) => {
      const report = runCheck(scenarioOf(mutant), { ...options, ...BUDGET, world: mutant.world })
      expect(rulesOf(report)).toEqual(rules)
      expect(report.verdict).toMatchObject({
        kind: 'broken',
        rule: rules[0],
        search: { kind: 'exhaustive', executions },
      })
      const told = counterexamplesOf(report)
      expect(told.map(({ rule }) => rule)).toEqual(rules)
      for (const { token, rule, steps, isMinimal } of told) {
        expect(isMinimal).toBe(true)
        const again = replayCheck(parseToken(token), options)
        expect({ rule: again.rule, steps: again.steps }).toEqual({ rule, steps })
      }
    })
  })

  test('in parts it is the same', async () => {
    await withMutant(id, (mutant, { options }) => {
      const scenario = scenarioOf(mutant)
      const given = { ...options, ...BUDGET, world: mutant.world }
      const whole = runCheck(scenario, given)
      const parts = inParts(scenario, resolveCheckOptions(given), 12)
      expect(rulesOf(parts)).toEqual(rulesOf(whole))
      expect(parts.executions).toBe(whole.executions)
      const tokens = (report: CheckReport) => counterexamplesOf(report).map(({ token }) => token)
      expect(tokens(parts)).toEqual(tokens(whole))
    })
  })
})

/** What is known of words grows, so that only so many rounds can bring news. */
const ROUNDS_MAX = 20

/** As threads do, on this one. */
function inParts(
  scenario: Scenario,
  options: ReturnType<typeof resolveCheckOptions>,
  wanted: number,
): CheckReport {
  const session = new CheckSession(scenario, options)
  try {
    let marks: Uint8Array | undefined
    for (let round = 1; round <= ROUNDS_MAX; round++) {
      const { tasks, explored } = session.plan(wanted, marks)
      const known = explored.marks ?? new Uint8Array()
      const results = tasks.map((task) => session.explore(task, known))
      marks = knownMarks()
      if (areNews(known, marks)) continue
      const parts = [explored, ...results].map(({ part }) => part)
      return session.report(mergeParts(parts, 0, true), 0)
    }
    throw new Error(`after ${ROUNDS_MAX} rounds something new is still learnt about words`)
  } finally {
    session.dispose()
  }
}

test('without it the check ends at the first', async () => {
  await withMutant('lruvec-lock-kept', (mutant, { options }) => {
    const report = runCheck(scenarioOf(mutant), { ...options, ...BUDGET, allRules: false })
    expect(report.verdict).toMatchObject({ kind: 'broken' })
    expect(rulesOf(report)).toBeUndefined()
    expect(counterexamplesOf(report)).toHaveLength(1)
  })
})

test('where no rule breaks, the verdict and the counts are the same', () => {
  const scenario = scenarioOf({ world: 'partial-munmap', strategy: 'range-v1' })
  expect(runCheck(scenario, { allRules: true })).toEqual(runCheck(scenario))
})

test('a bound is said beside what was found before it', async () => {
  await withMutant('lruvec-lock-kept', (mutant, { options }) => {
    const { verdict } = runCheck(scenarioOf(mutant), { ...options, ...BUDGET, executionsMax: 3 })
    expect(verdict).toMatchObject({
      kind: 'broken',
      search: { kind: 'bounded', by: 'the number of executions', executions: 3 },
    })
  })
})
