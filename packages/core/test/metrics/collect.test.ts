import { expect, test } from 'vitest'

import {
  E_FOLIOS_FREED,
  E_IRQS_OFF_SLOTS_MAX,
  E_PTES_CLEARED,
  E_SWAPCACHE_DROPS,
  NR_ANON_MAPPED,
  PGFREE,
} from '../../src/machine/counters.ts'
import { CPU_EVENTS, CPU_VMSTAT } from '../../src/machine/layout.ts'
import {
  collectCounters,
  collectCpuCounters,
  collectEvents,
  collectVmstat,
  cpuBlock,
} from '../../src/metrics/collect.ts'
import { countersThatVary } from '../../src/metrics/counter-range.ts'
import { blankMachine } from './blank-machine.ts'

test('counters are summed over CPUs, and each CPU has its own', () => {
  const machine = blankMachine(3)
  for (const cpu of [0, 1, 2]) {
    machine.words[cpuBlock(machine, cpu) + CPU_EVENTS + E_PTES_CLEARED] = 10 ** cpu
  }
  machine.words[cpuBlock(machine, 1) + CPU_EVENTS + E_FOLIOS_FREED] = 7
  expect(collectCounters(machine)).toMatchObject({ ptesCleared: 111, foliosFreed: 7, rmapCalls: 0 })
  expect(collectCpuCounters(machine, 2)).toMatchObject({ ptesCleared: 100, foliosFreed: 0 })
  expect(Object.keys(collectCounters(machine))).toHaveLength(27)
})

test('a count beyond 2^31 is still a count', () => {
  const machine = blankMachine(2)
  for (const cpu of [0, 1]) {
    machine.words[cpuBlock(machine, cpu) + CPU_EVENTS + E_PTES_CLEARED] = 0x80000001 | 0
  }
  expect(collectCounters(machine).ptesCleared).toBe(2 * 0x80000001)
})

test('irqsOffSlotsMax is the largest of any CPU, other events are sums', () => {
  const machine = blankMachine(2)
  for (const [cpu, value] of [5, 3].entries()) {
    const events = cpuBlock(machine, cpu) + CPU_EVENTS
    machine.words[events + E_IRQS_OFF_SLOTS_MAX] = value
    machine.words[events + E_SWAPCACHE_DROPS] = value
  }
  expect(collectEvents(machine)).toMatchObject({ irqsOffSlotsMax: 5, swapcacheDrops: 8 })
})

test('vmstat differences may be negative', () => {
  const machine = blankMachine(2)
  for (const cpu of [0, 1]) {
    const vmstat = cpuBlock(machine, cpu) + CPU_VMSTAT
    machine.words[vmstat + NR_ANON_MAPPED] = -4
    machine.words[vmstat + PGFREE] = 4
  }
  expect(collectVmstat(machine)).toMatchObject({ nr_anon_pages: -8, pgfree: 8, nr_mlock: 0 })
})

test('counters that vary are those that differ in any run', () => {
  const machine = blankMachine(1)
  const same = collectCounters(machine)
  expect(countersThatVary([])).toEqual([])
  expect(countersThatVary([same])).toEqual([])
  expect(countersThatVary([same, { ...same }])).toEqual([])
  const other = { ...same, zoneLockAcquisitions: 1, lruvecLockAcquisitions: 2 }
  expect(countersThatVary([same, same, other])).toEqual([
    'lruvecLockAcquisitions',
    'zoneLockAcquisitions',
  ])
})
