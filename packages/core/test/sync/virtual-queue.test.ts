/** The event queue against a sorted array: earliest clock first, the lower CPU number first on equal clocks. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { SEPARATE_ARRAYS } from '../../src/sync/array-source.ts'
import {
  bindVirtualQueue,
  eventsQueued,
  exchangeEvent,
  lastClockBeforeFirst,
  openQueue,
  popEvent,
  pushEvent,
  queueCyclesMax,
} from '../../src/sync/virtual-queue.ts'

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
        bindVirtualQueue(CPUS, SEPARATE_ARRAYS)
        openQueue(CPUS)
        /** What the queue said, and what the array says. */
        const found: (readonly [number, number | undefined])[] = []
        let inside: number[] = []
        const outside = Array.from({ length: CPUS }, (_, cpu) => cpu)
        for (const { kind, later } of steps) {
          if (kind === 'pop') {
            if (inside.length === 0) continue
            const cpu = popEvent()
            found.push([cpu, sorted(inside, clocks)[0]])
            inside = inside.filter((each) => each !== cpu)
            outside.push(cpu)
          } else {
            const cpu = outside.pop()
            if (cpu === undefined) continue
            clocks[cpu] = (clocks[cpu] ?? 0) + later
            inside.push(cpu)
            if (kind === 'push') pushEvent(cpu, clocks[cpu] ?? 0)
            else {
              const first = sorted(inside, clocks)[0] ?? -1
              found.push([exchangeEvent(cpu, clocks[cpu] ?? 0), first])
              inside = inside.filter((each) => each !== first)
              outside.push(first)
            }
          }
          found.push([eventsQueued(), inside.length])
          const [first] = sorted(inside, clocks)
          if (first === undefined) continue
          for (const cpu of outside) {
            const clock = clocks[first] ?? 0
            found.push([lastClockBeforeFirst(cpu), cpu < first ? clock : clock - 1])
          }
        }
        expect(found.map(([said]) => said)).toEqual(found.map(([, wanted]) => wanted))
        const left = Array.from({ length: eventsQueued() }, () => popEvent())
        expect(left).toEqual(sorted(inside, clocks))
      },
    ),
    { numRuns: 500 },
  )
})

test('keeps clocks apart up to the last one, for the most CPUs', () => {
  const cpus = 1024
  const latest = queueCyclesMax(cpus) - 1
  bindVirtualQueue(cpus, SEPARATE_ARRAYS)
  openQueue(cpus)
  pushEvent(1023, latest)
  pushEvent(0, latest)
  pushEvent(512, latest - 1)
  expect(lastClockBeforeFirst(511)).toBe(latest - 1)
  expect(lastClockBeforeFirst(513)).toBe(latest - 2)
  expect(exchangeEvent(7, latest)).toBe(512)
  expect(Array.from({ length: 4 }, () => popEvent())).toEqual([0, 7, 1023, -1])
})

test('while it is empty, a CPU may run on as long as it likes', () => {
  bindVirtualQueue(3, SEPARATE_ARRAYS)
  openQueue(3)
  expect(lastClockBeforeFirst(2)).toBeGreaterThan(queueCyclesMax(3))
  expect(exchangeEvent(2, 5)).toBe(2)
  expect(eventsQueued()).toBe(0)
})

test('on equal clocks the lower number goes first, in whatever order they came', () => {
  bindVirtualQueue(5, SEPARATE_ARRAYS)
  openQueue(5)
  for (const cpu of [3, 0, 4, 2, 1]) pushEvent(cpu, 7)
  expect(Array.from({ length: 5 }, () => popEvent())).toEqual([0, 1, 2, 3, 4])
  expect(popEvent()).toBe(-1)
})
