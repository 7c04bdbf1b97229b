/**
 * Every seeded bug is found in its world, and nothing is found in that world in the text that ships; what was found is what the
 * table in docs/checking.md says. `UPDATE_BUGS=1 npm test -- packages/core/test/engines/check/mutants` writes the table.
 */
import { describe, expect, test } from 'vitest'

import {
  checkWorldScenario,
  findCheckWorld,
  findingOf,
  parseToken,
  replayCheck,
  runCheck,
  type CheckReport,
  type CheckWorld,
} from '../../../src/index.ts'
import { bugRow, bugTable, writeTable, writtenTable } from './bug-table.ts'
import { loadMutant } from './mutants.ts'
import { MUTANTS } from './mutant-list.ts'

function worldOf(name: string): CheckWorld {
  const found = findCheckWorld(name)
  if (found === undefined) throw new Error(`no world ${name}`)
  return found
}

const rows: string[][] = []
const BUDGET = { executionsMax: 5000, minimiseMax: 5000 }

test('there are at least 15, each under a name of its own', () => {
  expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length)
  expect(MUTANTS.length).toBeGreaterThanOrEqual(15)
})

describe.each(MUTANTS)('$id ($source)', (mutant) => {
  const world = worldOf(mutant.world)
  const scenario = checkWorldScenario(world, mutant.strategy)

  test('is found, with a counterexample that repeats itself', async () => {
    const loaded = await loadMutant(mutant)
    let report: CheckReport
    try {
      report = runCheck(scenario, { ...BUDGET, ...loaded.options, world: world.name })
      expect(report.verdict.kind).toBe('broken')
      expect(mutant.rules).toContain(report.counterexample?.rule)
      expect(report.counterexample?.contextSwitches).toBeLessThanOrEqual(3)
      const told = replayCheck(parseToken(report.counterexample?.token ?? ''), loaded.options)
      expect(told.rule).toBe(report.counterexample?.rule)
      expect(told.steps).toEqual(report.counterexample?.steps)
      rows.push(bugRow(mutant, report))
    } finally {
      loaded.dispose()
    }
  })

  test('is not there in the text that ships', () => {
    const { verdict } = runCheck(scenario, BUDGET)
    const found = verdict.kind === 'broken' ? verdict.rule : verdict.kind
    expect(['exhaustive', findingOf(world, mutant.strategy)]).toContain(found)
  })
})

test('the table in docs/checking.md is what was found: UPDATE_BUGS=1 writes it', ({ skip }) => {
  if (rows.length < MUTANTS.length) skip('not all bugs were looked for')
  const table = bugTable(rows)
  if (process.env['UPDATE_BUGS'] === '1') writeTable(table)
  expect(writtenTable()).toBe(table)
})
