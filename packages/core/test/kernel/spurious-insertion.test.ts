/**
 * G.15 (and D.8): two exits remove the mappings of one fork-shared order-3 folio at the same time. Each is the last on
 * some pages, so exactly one of them sees pages still mapped after its own removal and queues the folio, although
 * nobody will map it again; freeing takes it off the queue.
 *
 * The interleaving is forced: where the first process would decrement page 4, the second one's whole removal runs.
 */
import { beforeEach, expect, test, vi } from 'vitest'

import {
  bindLiveCpu,
  bindMachine,
  collectCounters,
  cpuAddress,
  createMachine,
  findStrategy,
  populate,
  verify,
} from '../../src/index.ts'
import type { Strategy } from '../../src/index.ts'
import { exitMm } from '../../src/kernel/exit.ts'
import { MM_BASE, MM_STRIDE } from '../../src/machine/globals.ts'
import type * as Live from '../../src/sync/live.ts'
import { scenarioOf } from '../support/run.ts'

const hooks = vi.hoisted(() => ({ beforeNextRemoval: [] as (() => void)[], skip: 0 }))

vi.mock('../../src/sync/live.ts', async (original) => {
  const live = await original<typeof Live>()
  return {
    ...live,
    atomicAddNegative(i: number, v: number): boolean {
      if (hooks.skip-- === 0) hooks.beforeNextRemoval.shift()?.()
      return live.atomicAddNegative(i, v)
    },
  }
})

beforeEach(() => {
  hooks.beforeNextRemoval.length = 0
})

function race(strategyId: string) {
  const scenario = scenarioOf({
    strategy: strategyId,
    machine: { cpus: 2 },
    processes: [
      { count: 2, share: 2, vmas: [{ kind: 'anon', pages: 8, folios: [{ order: 3, count: 1 }] }] },
    ],
  })
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  const strategy = findStrategy(strategyId) as Strategy
  bindMachine(machine)
  const exit = (process: number): void => {
    bindLiveCpu({ cpu: cpuAddress(process) })
    exitMm(cpuAddress(process), MM_BASE + process * MM_STRIDE, strategy)
  }
  hooks.skip = 4
  hooks.beforeNextRemoval.push(() => {
    exit(1)
    bindLiveCpu({ cpu: cpuAddress(0) })
  })
  exit(0)
  expect(hooks.beforeNextRemoval).toEqual([])
  expect(verify(machine, census)).toEqual([])
  return collectCounters(machine)
}

test('range-v1: exactly one insertion, by whoever subtracts first; freed once', () => {
  const counters = race('range-v1')
  expect(counters).toMatchObject({
    mapcountAtomics: 16,
    nrPagesMappedAtomics: 2,
    statUpdates: 2,
    refcountAtomics: 2,
    deferredSplitCalls: 1,
    deferredSplitInserts: 1,
    deferredSplitRemovals: 1,
    foliosFreed: 1,
    pagesFreed: 8,
  })
})

test('linux-6.5-laf: inserted at the first page that becomes unmapped', () => {
  const counters = race('linux-6.5-laf')
  expect(counters).toMatchObject({
    mapcountAtomics: 16,
    nrPagesMappedAtomics: 8,
    deferredSplitInserts: 1,
    deferredSplitRemovals: 1,
    foliosFreed: 1,
    pagesFreed: 8,
  })
})
