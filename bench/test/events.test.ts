/** The simulators of the event-rate benchmark do the same work: as many holds, ended at the same clock. */
import { expect, test } from 'vitest'

import { expectedHolds, holdStates, nextHold } from '../src/events/hold-model.ts'
import { SIMULATORS } from '../src/events/simulators.ts'

test.for(Object.entries(SIMULATORS))('%s', async ([, simulator]) => {
  for (const model of [
    { entities: 1, holds: 20 },
    { entities: 9, holds: 50 },
  ]) {
    // Some kernels count a thread's CPU time in ticks: so few holds may take none.
    expect(await simulator(model)).toEqual({
      ns: expect.toSatisfy((ns) => ns >= 0),
      ...expectedHolds(model),
    })
  }
})

test('holds are from 1 to 1,000, and each entity has its own', () => {
  const states = holdStates(2)
  const holds = Array.from({ length: 2000 }, (_, i) => nextHold(states, i % 2))
  expect(Math.min(...holds)).toBeGreaterThanOrEqual(1)
  expect(Math.max(...holds)).toBeLessThanOrEqual(1000)
  const [first, second] = [0, 1].map((n) => holds.filter((_, i) => i % 2 === n))
  expect(first).not.toEqual(second)
})
