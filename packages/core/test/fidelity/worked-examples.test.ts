/**
 * The worked examples of the behavioural specification, every counter, for every strategy, with the invariants before and
 * after; and the same counts in virtual time where one CPU works.
 */
import { describe, expect, test } from 'vitest'

import { WORKED_EXAMPLES } from '../../src/fidelity/worked-examples.ts'
import { runVirtual, STRATEGIES } from '../../src/index.ts'
import { runScenario } from '../support/run.ts'

describe.each(WORKED_EXAMPLES)('$workload $strategy: $title', ({ scenario, cpu, expected }) => {
  test('counts', () => {
    const { perCpu, events } = runScenario(scenario)
    expect({ ...events, ...perCpu[cpu] }).toMatchObject(expected)
  })

  test.runIf(scenario.machine.cpus === 1)('the same in virtual time', () => {
    const { counters, events, outcome } = runVirtual(scenario)
    expect(outcome.kind).toBe('completed')
    expect({ ...events, ...counters }).toMatchObject(expected)
  })
})

test('each strategy has every example', () => {
  const workloads = new Set(WORKED_EXAMPLES.map(({ workload }) => workload))
  for (const { strategy } of STRATEGIES) {
    const own = WORKED_EXAMPLES.filter((one) => one.strategy === strategy.id)
    expect(own.map(({ workload }) => workload)).toEqual([...workloads])
  }
})
