/** Who waits for what, from words as the spinlocks leave them while CPUs wait. */
import { describe, expect, test } from 'vitest'

import { createMachine, populate } from '../../src/engines/boot.ts'
import {
  LOCK_CLASS_KEYS,
  LRUVEC_CLASS,
  PCP_CLASS,
  SPLIT_QUEUE_CLASS,
  ZONE_CLASS,
} from '../../src/machine/counters.ts'
import {
  CPU_MCS_NESTING,
  CPU_MCS_NODES,
  LRUVEC_WORDS,
  MCS_NEXT,
  PCP_LOCK,
  SPLIT_QUEUE_WORDS,
} from '../../src/machine/layout.ts'
import type { Machine } from '../../src/machine/machine.ts'
import { cpuBlock } from '../../src/metrics/collect.ts'
import { overrideScenario } from '../../src/scenario/overrides.ts'
import { presetScenario } from '../../src/scenario/presets.ts'
import { NO_WAIT, WAIT_UNKNOWN, WaitReader } from '../../src/trace/sampled-waits.ts'

type Kind = 'ttas' | 'ticket' | 'qspinlock'

function machineWith(lock: Kind): Machine {
  const overrides = { cpus: 8, processes: 4, pages: 64, lruvecs: 3, lock }
  const scenario = overrideScenario(presetScenario('exit-order0'), overrides)
  const machine = createMachine(scenario)
  populate(machine, scenario)
  return machine
}

function read(machine: Machine): WaitReader {
  const reader = new WaitReader(machine, LOCK_CLASS_KEYS.length)
  reader.read()
  return reader
}

/** A held qspinlock with these CPUs in its queue, the first to come first. */
function queue(machine: Machine, lock: number, cpus: readonly number[]): void {
  const { words } = machine
  const nodeOf = (cpu: number): number => cpuBlock(machine, cpu) + CPU_MCS_NODES
  cpus.forEach((cpu, i) => {
    const next = cpus[i + 1]
    words[cpuBlock(machine, cpu) + CPU_MCS_NESTING] = 1
    words[nodeOf(cpu) + MCS_NEXT] = next === undefined ? 0 : nodeOf(next)
  })
  words[lock] = (((cpus.at(-1) ?? 0) + 1) << 18) | 1
}

describe('qspinlock', () => {
  test('nobody waits', () => {
    const machine = machineWith('qspinlock')
    machine.words[machine.globals.ZONE] = 1
    const waits = read(machine)
    expect([...waits.cpus]).toEqual(Array.from({ length: 8 }, () => NO_WAIT))
    expect([...waits.waiters]).toEqual([0, 0, 0, 0, 0, 0])
    expect(waits.unknown).toBe(0)
  })

  test('each of a queue waits for its lock', () => {
    const machine = machineWith('qspinlock')
    const { ZONE, LRUVEC_BASE, SPLIT_QUEUE_BASE } = machine.globals
    queue(machine, ZONE, [5, 0, 3])
    queue(machine, LRUVEC_BASE + 2 * LRUVEC_WORDS, [1])
    queue(machine, cpuBlock(machine, 7) + PCP_LOCK, [2])
    queue(machine, SPLIT_QUEUE_BASE + SPLIT_QUEUE_WORDS, [6])
    const { cpus, waiters } = read(machine)
    expect([...cpus]).toEqual([
      ZONE_CLASS,
      LRUVEC_CLASS,
      PCP_CLASS,
      ZONE_CLASS,
      NO_WAIT,
      ZONE_CLASS,
      SPLIT_QUEUE_CLASS,
      NO_WAIT,
    ])
    expect([...waiters]).toEqual([0, 1, 3, 1, 1, 0])
  })

  test('a queue of a lock without a table, or one that is not linked yet: the class is unknown', () => {
    const machine = machineWith('qspinlock')
    queue(machine, machine.globals.MEMMAP, [4])
    queue(machine, machine.globals.ZONE, [1, 2])
    machine.words[cpuBlock(machine, 1) + CPU_MCS_NODES + MCS_NEXT] = 0
    const { cpus, unknown, waiters } = read(machine)
    expect([cpus[4], cpus[1], cpus[2]]).toEqual([WAIT_UNKNOWN, WAIT_UNKNOWN, ZONE_CLASS])
    expect(unknown).toBe(2)
    expect(waiters[ZONE_CLASS]).toBe(1)
  })

  test('words that make no sense, read while they change, end no loop and name nobody', () => {
    const machine = machineWith('qspinlock')
    const { words } = machine
    const node = (cpu: number): number => cpuBlock(machine, cpu) + CPU_MCS_NODES
    for (const cpu of [0, 1]) {
      words[cpuBlock(machine, cpu) + CPU_MCS_NESTING] = 1
      words[node(cpu) + MCS_NEXT] = node(1 - cpu)
    }
    words[machine.globals.ZONE] = (200 << 18) | 1
    words[cpuBlock(machine, 2) + CPU_MCS_NESTING] = 99
    expect(Array.from(read(machine).cpus).slice(0, 3)).toEqual([
      WAIT_UNKNOWN,
      WAIT_UNKNOWN,
      NO_WAIT,
    ])
  })

  test('a wait that is over is over', () => {
    const machine = machineWith('qspinlock')
    const reader = new WaitReader(machine, LOCK_CLASS_KEYS.length)
    queue(machine, machine.globals.ZONE, [3])
    reader.read()
    machine.words[machine.globals.ZONE] = 1
    machine.words[cpuBlock(machine, 3) + CPU_MCS_NESTING] = 0
    reader.read()
    expect(reader.cpus[3]).toBe(NO_WAIT)
    expect(reader.waiters[ZONE_CLASS]).toBe(0)
  })
})

test.each([
  [0x0005_0005, 0],
  [0x0006_0005, 0],
  [0x0008_0005, 2],
  [0x0001_fffe, 2],
])('ticket: 0x%s has so many behind its holder', (word, behind) => {
  const machine = machineWith('ticket')
  machine.words[machine.globals.LRUVEC_BASE] = word
  const { waiters, cpus } = read(machine)
  expect(waiters[LRUVEC_CLASS]).toBe(behind)
  expect([...cpus]).toEqual(Array.from({ length: 8 }, () => NO_WAIT))
})

test('ttas: a held lock tells nothing of those who wait', () => {
  const machine = machineWith('ttas')
  machine.words[machine.globals.ZONE] = 1
  machine.words[cpuBlock(machine, 0) + CPU_MCS_NESTING] = 1
  expect([...read(machine).waiters]).toEqual([0, 0, 0, 0, 0, 0])
})
