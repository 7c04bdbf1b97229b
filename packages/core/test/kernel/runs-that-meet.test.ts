/**
 * Two processes unmap the same large folio at once: whose run finds a page's last mapping decides how many atomics there are on
 * _nr_pages_mapped, where there is one for a run (v6.12). Of a page, or of a range, there are always as many.
 */
import { expect, test, vi } from 'vitest'

import {
  bindLiveCpu,
  bindMachine,
  collectCounters,
  cpuAddress,
  createMachine,
  populate,
  strategyOf,
  verify,
} from '../../src/index.ts'
import { exitMm } from '../../src/kernel/exit.ts'
import { MM_BASE, MM_STRIDE } from '../../src/machine/globals.ts'
import type * as Live from '../../src/sync/live.ts'
import { scenarioOf } from '../support/run.ts'

const hooks = vi.hoisted(() => ({ mapcounts: 0, meeting: -1, meet: () => {} }))

vi.mock('../../src/sync/live.ts', async (original) => {
  const live = await original<typeof Live>()
  return {
    ...live,
    atomicAddNegative(i: number, v: number): boolean {
      if (hooks.mapcounts++ === hooks.meeting) hooks.meet()
      return live.atomicAddNegative(i, v)
    },
  }
})

/** Two exits; the first begins, and after `meeting` of its four pages the other one runs whole. */
function atomicsOf(strategy: string, meeting: number): number {
  const scenario = scenarioOf({
    strategy,
    machine: { cpus: 2 },
    processes: [{ count: 2, share: 2, vmas: [{ kind: 'anon', pages: 4, folios: [{ order: 2 }] }] }],
  })
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  bindMachine(machine)
  const exit = (cpu: number): void => {
    bindLiveCpu({ cpu: cpuAddress(cpu) })
    exitMm(cpuAddress(cpu), MM_BASE + cpu * MM_STRIDE, strategyOf(scenario))
  }
  hooks.mapcounts = 0
  hooks.meeting = meeting
  hooks.meet = () => {
    exit(1)
    bindLiveCpu({ cpu: cpuAddress(0) })
  }
  exit(0)
  // both have removed four mappings each, so the other one did run
  expect(hooks.mapcounts).toBe(8)
  expect(verify(machine, census)).toEqual([])
  return collectCounters(machine).nrPagesMappedAtomics
}

test.each([
  ['linux-6.5-laf', [4, 4, 4, 4]],
  ['range-v1', [2, 2, 2, 2]],
  ['linux-6.10', [4, 4, 4, 4]],
  // met at the first page, only the run that goes on finds last mappings; later, each finds some
  ['linux-6.12', [1, 2, 2, 2]],
  ['linux-6.18', [1, 2, 2, 2]],
] as const)('%s', (strategy, atomics) => {
  expect([0, 1, 2, 3].map((meeting) => atomicsOf(strategy, meeting))).toEqual(atomics)
})
