/**
 * G.15, over all interleavings: two exits remove the mappings of one shared folio. In the range series whoever subtracts
 * first from _nr_pages_mapped queues the folio, unless it has unmapped no page or all of them; nobody maps it again, so each
 * insertion is spurious. (test/kernel/spurious-insertion.test.ts forces one of them.)
 */
import { expect, test } from 'vitest'

import { breachOf } from '../../../src/engines/check/minimise.ts'
import { explore } from '../../../src/engines/check/explore.ts'
import { Dpor } from '../../../src/engines/check/schedulers/dpor.ts'
import {
  E_DEFERRED_SPLIT_INSERTS,
  E_DEFERRED_SPLIT_REMOVALS,
} from '../../../src/machine/counters.ts'
import { eventsOf } from '../../../src/machine/verify/cpu-sums.ts'
import { resolveCheckOptions } from '../../../src/run/check-options.ts'
import { createWorld } from '../../../src/run/run-check.ts'
import { worldScenario } from './world-scenario.ts'

/** How many executions have how many insertions. */
function insertions(strategy: string): Record<number, number> {
  const world = createWorld(worldScenario('shared-order2', strategy), resolveCheckOptions({}))
  const counts: Record<number, number> = {}
  const dpor = () => new Dpor(world.cpus)
  try {
    // once to learn which words are read without a lock, for an exploration that learns of one begins anew
    explore(world.execution, dpor(), { executionsMax: 1e6 })
    explore(world.execution, dpor(), {
      executionsMax: 1e6,
      inspect: world.inspect,
      stop: (end) => {
        expect(breachOf(world, end)).toBeUndefined()
        const inserts = eventsOf(E_DEFERRED_SPLIT_INSERTS)
        expect(eventsOf(E_DEFERRED_SPLIT_REMOVALS)).toBe(inserts)
        counts[inserts] = (counts[inserts] ?? 0) + 1
        return false
      },
    })
  } finally {
    world.dispose()
  }
  return counts
}

test('range-v1: in 14 of the 16 ways to share out the last mappings, whoever is first', () => {
  // times who comes first at _nr_pages_mapped, times who drops the last reference
  expect(insertions('range-v1')).toEqual({ 0: 2 * 2 * 2, 1: 14 * 2 * 2 })
})

test('linux-6.5-laf: always, at the first page that becomes unmapped', () => {
  expect(insertions('linux-6.5-laf')).toEqual({ 1: 2 ** 4 * 2 })
})

test('linux-6.5: never, for the folio is no THP', () => {
  expect(insertions('linux-6.5')).toEqual({ 0: 2 ** 4 * 2 })
})
