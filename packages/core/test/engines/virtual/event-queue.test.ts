/** The event queue against a sorted array: random clocks with many ties, pushes, pops and exchanges. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { EventQueue } from '../../../src/engines/virtual/event-queue.ts'

type Action = { kind: 'push' | 'exchange'; cpu: number; clock: number } | { kind: 'pop' }

const action = (cpus: number): fc.Arbitrary<Action> =>
  fc.oneof(
    fc.constant<Action>({ kind: 'pop' }),
    fc.record({
      kind: fc.constantFrom('push' as const, 'push' as const, 'exchange' as const),
      cpu: fc.nat({ max: cpus - 1 }),
      // few values: most comparisons are ties
      clock: fc.nat({ max: 6 }),
    }),
  )

const sequence = fc
  .constantFrom(1, 2, 3, 9, 40)
  .chain((cpus) => fc.tuple(fc.constant(cpus), fc.array(action(cpus), { maxLength: 200 })))

/** CPUs in the order in which they are to run. */
class Sorted {
  readonly #clocks: Float64Array
  cpus: number[] = []

  constructor(clocks: Float64Array) {
    this.#clocks = clocks
  }

  push(cpu: number): void {
    this.cpus.push(cpu)
    this.cpus.sort((a, b) => (this.#clocks[a] ?? 0) - (this.#clocks[b] ?? 0) || a - b)
  }
}

test('takes CPUs out by clock, the lower number first on equal clocks', () => {
  fc.assert(
    fc.property(sequence, ([cpus, actions]) => {
      const clocks = new Float64Array(cpus)
      const queue = new EventQueue(clocks)
      const sorted = new Sorted(clocks)
      for (const each of actions) {
        if (each.kind === 'pop') {
          if (sorted.cpus.length > 0) expect(queue.pop()).toBe(sorted.cpus.shift())
        } else if (!sorted.cpus.includes(each.cpu)) {
          clocks[each.cpu] = each.clock
          sorted.push(each.cpu)
          if (each.kind === 'push') queue.push(each.cpu)
          else expect(queue.exchange(each.cpu)).toBe(sorted.cpus.shift())
        }
        expect(queue.size).toBe(sorted.cpus.length)
        if (queue.size > 0) expect(queue.first).toBe(sorted.cpus[0])
      }
      while (queue.size > 0) expect(queue.pop()).toBe(sorted.cpus.shift())
    }),
    { seed: Number(process.env['FC_SEED'] ?? 20261125), numRuns: 300 },
  )
})

test('all at one clock: by number', () => {
  const queue = new EventQueue(new Float64Array(80))
  for (let cpu = 79; cpu >= 0; cpu--) queue.push(cpu)
  const order = Array.from({ length: 80 }, () => queue.pop())
  expect(order).toEqual(Array.from({ length: 80 }, (_, cpu) => cpu))
})
