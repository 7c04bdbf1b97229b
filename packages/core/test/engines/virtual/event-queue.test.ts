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

/** What comes out of the queue, and what a sorted array says. */
function replay(cpus: number, actions: readonly Action[]): { out: number[]; expected: number[] } {
  const clocks = new Float64Array(cpus)
  const queue = new EventQueue(clocks)
  const sorted = new Sorted(clocks)
  const out: number[] = []
  const expected: number[] = []
  const take = (cpu: number): void => {
    out.push(cpu)
    expected.push(sorted.cpus.shift() ?? -1)
  }
  for (const each of actions) {
    if (each.kind === 'pop') {
      if (queue.size > 0) take(queue.pop())
    } else if (!sorted.cpus.includes(each.cpu)) {
      clocks[each.cpu] = each.clock
      sorted.push(each.cpu)
      if (each.kind === 'push') queue.push(each.cpu)
      else take(queue.exchange(each.cpu))
    }
    out.push(queue.size, queue.size > 0 ? queue.first : -1)
    expected.push(sorted.cpus.length, sorted.cpus[0] ?? -1)
  }
  while (queue.size > 0) take(queue.pop())
  return { out, expected }
}

test('takes CPUs out by clock, the lower number first on equal clocks', () => {
  fc.assert(
    fc.property(sequence, ([cpus, actions]) => {
      const { out, expected } = replay(cpus, actions)
      expect(out).toEqual(expected)
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
