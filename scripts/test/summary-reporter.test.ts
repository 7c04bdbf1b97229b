/**
 * The last line of `npm test` must tell the truth about what failed.
 */
import { describe, expect, it } from 'vitest'

import { summarise } from '../summary-reporter.ts'

type States = ('passed' | 'failed' | 'skipped')[]

function moduleOf(states: States, state: string, errors: unknown[] = []) {
  const tests = states.map((each) => ({ result: () => ({ state: each }) }))
  const view = { children: { allTests: () => tests }, errors: () => errors, state: () => state }
  return view as unknown as Parameters<typeof summarise>[0][number]
}

describe('summarise', () => {
  it('counts tests by their state over all files', () => {
    const modules = [
      moduleOf(['passed', 'failed'], 'failed'),
      moduleOf(['passed', 'skipped'], 'passed'),
    ]
    expect(summarise(modules, 0)).toEqual({ passed: 2, failed: 1, skipped: 1, outside: 0 })
  })

  it('counts a file that could not be loaded as a failure', () => {
    expect(summarise([moduleOf([], 'failed', [{}])], 0)).toMatchObject({ failed: 1, outside: 1 })
  })

  it('counts a file whose hook failed as a failure though its tests passed', () => {
    expect(summarise([moduleOf(['passed'], 'failed')], 0)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
      outside: 1,
    })
  })

  it('counts an error outside every test as a failure', () => {
    expect(summarise([moduleOf(['passed'], 'passed')], 2).failed).toBe(2)
  })
})
