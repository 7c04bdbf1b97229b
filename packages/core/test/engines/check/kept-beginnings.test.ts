/**
 * Executions that keep the beginning of the one before are those that run from the start: the same steps with the same
 * results and accesses, the same end, and the same words in memory.
 */
import { expect, test } from 'vitest'

import type { End, Execution } from '../../../src/engines/check/execution.ts'
import { explore } from '../../../src/engines/check/explore.ts'
import type { Scheduler } from '../../../src/engines/check/scheduler.ts'
import { Dpor } from '../../../src/engines/check/schedulers/dpor.ts'
import { Exhaustive } from '../../../src/engines/check/schedulers/exhaustive.ts'
import type { World } from '../../../src/engines/check/world.ts'
import { assert } from '../../../src/lib/assert.ts'
import { mem } from '../../../src/machine/memory.ts'
import { resolveCheckOptions } from '../../../src/run/check-options.ts'
import { checkWorldScenario } from '../../../src/run/check-world.ts'
import { findCheckWorld } from '../../../src/run/check-worlds.ts'
import { createWorld } from '../../../src/run/run-check.ts'
import { hashChanges } from '../../../src/sync/check-undo.ts'

const EXECUTIONS = 300

/** Passes on all but what is kept. */
function fromTheStart(inner: Scheduler): Scheduler {
  return {
    name: inner.name,
    next: () => inner.next(),
    pick: (execution, enabled) => inner.pick(execution, enabled),
    stepped: (execution) => inner.stepped?.(execution),
    ended: (execution) => inner.ended?.(execution),
    restart: () => inner.restart?.(),
    left: () => inner.left?.() ?? 0,
  }
}

/** All that can be told of an execution. */
function told({ trace }: Execution, end: End): string {
  const steps = [trace.cpus, trace.ops, trace.results].map((each) => each.slice(0, trace.length))
  const accesses = [trace.addresses, trace.kinds, trace.operands, trace.before].map((each) =>
    each.slice(0, trace.entries),
  )
  const rows = [...steps, ...accesses].map((each) => each.join())
  return [JSON.stringify(end), hashChanges(), ...rows].join('\n')
}

function executionsOf(world: World, scheduler: Scheduler): string[] {
  const before = mem.slice()
  world.outcomes.clear()
  const all: string[] = []
  explore(world.execution, scheduler, {
    executionsMax: EXECUTIONS,
    inspect: world.inspect,
    stop: (end, execution) => {
      all.push(told(execution, end))
      return false
    },
  })
  expect(mem).toEqual(before)
  return all
}

const SCHEDULERS = {
  'source-DPOR': (world: World): Scheduler => new Dpor(world.cpus),
  'depth-first search': (): Scheduler => new Exhaustive(),
}

test.each([
  ['shared-order3', 'range-v1', 'source-DPOR'],
  ['shared-order3', 'range-v1', 'depth-first search'],
  ['shared-order0-by-3', 'linux-6.5-laf', 'source-DPOR'],
  ['munmap-and-writeback', 'linux-6.9', 'source-DPOR'],
  ['munmap-and-access', 'linux-6.9', 'depth-first search'],
  ['two-gathers-and-access', 'linux-6.9', 'source-DPOR'],
  ['fork-beside-exit', 'linux-6.9', 'source-DPOR'],
  ['fault-beside-exit', 'linux-6.9', 'source-DPOR'],
  ['reclaim-beside-exit', 'range-v1', 'source-DPOR'],
  ['split-scan', 'linux-6.5', 'source-DPOR'],
] as const)('%s under %s, %s', (name, strategy, scheduler) => {
  const found = findCheckWorld(name)
  assert(found !== undefined, 'no such world', { name })
  const world = createWorld(
    checkWorldScenario(found, strategy),
    resolveCheckOptions({ values: 'plain' }),
  )
  try {
    const make = SCHEDULERS[scheduler]
    // what depends on what is learnt first, so that both begin with the same
    executionsOf(world, make(world))
    const kept = executionsOf(world, make(world))
    expect(kept).toEqual(executionsOf(world, fromTheStart(make(world))))
    expect(new Set(kept).size).toBe(kept.length)
    expect(kept.length).toBeGreaterThan(1)
  } finally {
    world.dispose()
  }
})
