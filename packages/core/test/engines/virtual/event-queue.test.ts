/** The event queue against a sorted array: earliest clock first, the lower CPU number first on equal clocks. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { EventQueue } from '../../../src/engines/virtual/event-queue.ts'

const CPUS = 13
/** Few different times, so that most are equal. */
const time = fc.nat({ max: 6 })

/** CPUs in the order in which they are due. */
function sorted(cpus: readonly number[], clocks: Float64Array): number[] {
  const clock = (cpu: number): number => clocks[cpu] ?? NaN
  return cpus.toSorted((a, b) => clock(a) - clock(b) || a - b)
}

test('gives CPUs in the order of a sorted array, whatever is done in between', () => {
  const step = fc.record({
    kind: fc.constantFrom('push' as const, 'pop' as const, 'exchange' as const),
    later: time,
  })
  fc.assert(
    fc.property(
      fc.array(time, { minLength: CPUS, maxLength: CPUS }),
      fc.array(step),
      (at, steps) => {
        const clocks = Float64Array.from(at)
        const queue = new EventQueue(clocks)
        /** What the queue said, and what the array says. */
        const found: (readonly [number, number | undefined])[] = []
        let inside: number[] = []
        const outside = Array.from({ length: CPUS }, (_, cpu) => cpu)
        for (const { kind, later } of steps) {
          if (kind === 'pop') {
            if (inside.length === 0) continue
            const cpu = queue.pop()
            found.push([cpu, sorted(inside, clocks)[0]])
            inside = inside.filter((each) => each !== cpu)
            outside.push(cpu)
          } else {
            const cpu = outside.pop()
            if (cpu === undefined) continue
            clocks[cpu] = (clocks[cpu] ?? 0) + later
            inside.push(cpu)
            if (kind === 'push') queue.push(cpu)
            else {
              const first = sorted(inside, clocks)[0] ?? -1
              found.push([queue.exchange(cpu), first])
              inside = inside.filter((each) => each !== first)
              outside.push(first)
            }
          }
          found.push([queue.size, inside.length])
          if (inside.length > 0) found.push([queue.first, sorted(inside, clocks)[0]])
        }
        expect(found.map(([said]) => said)).toEqual(found.map(([, wanted]) => wanted))
        const left = Array.from({ length: queue.size }, () => queue.pop())
        expect(left).toEqual(sorted(inside, clocks))
      },
    ),
    { numRuns: 500 },
  )
})

test('on equal clocks the lower number goes first, in whatever order they came', () => {
  const queue = new EventQueue(new Float64Array(5).fill(7))
  for (const cpu of [3, 0, 4, 2, 1]) queue.push(cpu)
  expect(Array.from({ length: 5 }, () => queue.pop())).toEqual([0, 1, 2, 3, 4])
})
