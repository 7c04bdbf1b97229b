/**
 * verify holds before and after teardown: for every preset and strategy, and for a scenario that has nearly everything,
 * in all memory models, with all kinds of locks, after each step.
 */
import { describe, expect, test } from 'vitest'

import {
  bindLiveCpu,
  cpuAddress,
  createMachine,
  populate,
  presets,
  runOneCpu,
  STRATEGIES,
  strategyOf,
} from '../../../src/index.ts'
import type { MachineConfigInput } from '../../../src/scenario/input.ts'
import { verify } from '../../../src/machine/verify/verify.ts'
import { exitMm } from '../../../src/kernel/exit.ts'
import { doMunmap } from '../../../src/mm/mmap.ts'
import { collectEvents } from '../../../src/metrics/collect.ts'
import { FIRST_START } from '../../../src/scenario/limits.ts'
import { smaller } from '../../support/smaller.ts'
import { everything, mmAt, populated } from './support.ts'

const strategies = STRATEGIES.map(({ strategy }) => strategy)

/** Ranges that munmap takes away: start after the first VMA's, pages; within VMAs and tables, and across them. */
const PIECES = [
  [0, 1],
  [0x100, 512],
  [0x333, 3000],
  [5420, 100],
  [11364, 700],
  [13400, 50],
  [9800, 300],
] as const

const SIZE = { pages: 3000, count: 8 }

describe.each(presets.map(({ name }) => name))('preset %s', (name) => {
  test.each(strategies.map(({ id }) => id))('%s', (id) => {
    const scenario = { ...smaller(name, SIZE), strategy: id }
    const machine = createMachine(scenario)
    const census = populate(machine, scenario)
    expect(verify(machine, census)).toEqual([])
    runOneCpu(machine, strategyOf(scenario))
    expect(verify(machine, census)).toEqual([])
  })
})

describe('a scenario of everything', () => {
  const machines: [string, MachineConfigInput][] = [
    ['as it comes', {}],
    ['page tables in the gather', { pageTables: 'gathered' }],
    ['page tables apart', { pageTables: 'separate' }],
    ['test-and-set locks', { lock: 'ttas' }],
    ['ticket locks', { lock: 'ticket' }],
    ['shuffled folios', { placement: 'shuffled' }],
    ['fragmented memory', { placement: 'fragmented' }],
    ['two lruvecs for all memcgs', { lruvecs: 2 }],
    ['batch pages from a reserve', { gatherPages: 'reserve' }],
    ['pcp lists emptied whenever full', { pcp: { batch: 7, high: 40, count: 9, drain: 'all' } }],
    ['processes from a queue', { deal: 'queue', cpus: 3 }],
    ...(['sequential', 'reversed', 'shuffled'] as const).map((sectionPlacement) => {
      const sparse = { memmap: 'sparsemem' as const, sectionSizeBits: 22, sectionPlacement }
      return [`sections ${sectionPlacement}`, sparse] as [string, MachineConfigInput]
    }),
  ]

  test.each(machines)('%s', (_, machine) => {
    for (const strategy of strategies) {
      const made = populated({ ...everything(machine), strategy: strategy.id })
      expect(verify(made.machine, made.census)).toEqual([])
      runOneCpu(made.machine, strategy)
      expect(verify(made.machine, made.census)).toEqual([])
    }
  })

  test('files alone, in a kernel without swap', () => {
    const { processes, ...keys } = everything({ swap: false })
    const vmas = (processes[0]?.vmas ?? []).filter((vma) => vma.kind === 'file')
    const made = populated({
      ...keys,
      folios: [],
      processes: [{ count: 3, vmas }],
      teardown: 'exit',
    })
    expect(verify(made.machine, made.census)).toEqual([])
    runOneCpu(made.machine, strategyOf(made.scenario))
    expect(verify(made.machine, made.census)).toEqual([])
  })

  test.each(strategies.map((strategy) => [strategy.id, strategy] as const))(
    'after each munmap and each exit: %s',
    (id, strategy) => {
      const made = populated({ ...everything(), strategy: id })
      for (let process = 0; process < 5; process++) {
        const cpu = cpuAddress(process % 2)
        bindLiveCpu({ cpu })
        const mm = mmAt(process)
        for (const [at, pages] of PIECES) {
          doMunmap(cpu, mm, FIRST_START + at, FIRST_START + at + pages, strategy)
          expect(verify(made.machine, made.census)).toEqual([])
        }
        exitMm(cpu, mm, strategy)
        expect(verify(made.machine, made.census)).toEqual([])
      }
      const events = collectEvents(made.machine)
      expect(events.pmdSplits).toBeGreaterThan(0)
      expect(events.swapcacheDrops).toBeGreaterThan(0)
      expect(events.devicePagesFreed).toBeGreaterThan(0)
      expect(events.depositedTablesFreed).toBeGreaterThan(0)
      expect(events.pcpBulkFrees).toBeGreaterThan(0)
      expect(events.buddyMerges).toBeGreaterThan(0)
    },
  )

  test.each([
    ['no batch page can be had', { batchPagesMax: 0 }],
    ['the scheduler is asked all the time', { needReschedEvery: 3 }],
    ['small batches', { maxGatherBatch: 16, maxGatherBatchCount: 3, freeChunk: 5 }],
    ['deferred split of huge folios only', { deferredSplit: 'pmd' as const }],
    ['long lock holds, large folio batches', { swapClusterMax: 100, pagevecSize: 31 }],
  ])('when %s', (_, tunables) => {
    for (const strategy of strategies) {
      const made = populated({ ...everything(), tunables, strategy: strategy.id })
      runOneCpu(made.machine, strategy)
      expect(verify(made.machine, made.census)).toEqual([])
    }
  })
})
