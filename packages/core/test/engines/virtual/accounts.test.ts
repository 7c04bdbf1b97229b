/** Where virtual time goes: every cycle is in one account, waits are told alike everywhere, interrupts and TLB flushes. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { createMachine, populate } from '../../../src/engines/boot.ts'
import type { MachineProfile } from '../../../src/engines/virtual/profile.ts'
import { simulate, type Simulation } from '../../../src/engines/virtual/simulation.ts'
import { LOCK_CLASS_KEYS, LRUVEC_CLASS, PTL_CLASS } from '../../../src/machine/counters.ts'
import { CPU_ID, LINE_WORDS, MM_CPUMASK, ZONE_WORDS } from '../../../src/machine/layout.ts'
import { bindMachine } from '../../../src/machine/machine.ts'
import { mem } from '../../../src/machine/memory.ts'
import { overrideScenario } from '../../../src/scenario/overrides.ts'
import { parseScenarioText } from '../../../src/scenario/parse-scenario.ts'
import { presetScenario } from '../../../src/scenario/presets.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { ACCOUNT_IPI, ACCOUNT_WAIT, charge, NR_ACCOUNTS } from '../../../src/sync/virtual-clock.ts'
import type { ProfileNode } from '../../../src/sync/virtual-profile.ts'
import {
  ahead,
  flushTlbMmRange,
  slack,
  spinLock,
  spinUnlock,
  type Steps,
} from '../../../src/sync/virtual.ts'
import { runVirtual } from '../../../src/run/run-virtual.ts'
import { allAtOnce, countersOf, flatProfile, runTimed, shippedProfile } from './support.ts'

function scenarioFile(name: string): Scenario {
  const file = new URL(`../../../../../scenarios/${name}.yaml`, import.meta.url)
  return parseScenarioText(readFileSync(file, 'utf8'))
}

const SHOOTDOWN = scenarioFile('tlb-shootdown')
const CONTENDED = overrideScenario(presetScenario('exit-order3'), {
  cpus: 8,
  processes: 8,
  pages: 3000,
})
const WORKLOAD = overrideScenario(presetScenario('page-fault2'), { pages: 600 })

function timed(scenario: Scenario, timing: Parameters<typeof runTimed>[2] = {}): Simulation {
  const machine = createMachine(scenario)
  populate(machine, scenario)
  const simulation = runTimed(machine, scenario, timing)
  expect(simulation.end).toEqual({ kind: 'completed' })
  return simulation
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function account({ accounts }: Simulation, which: number): number {
  return sum(accounts.filter((_, i) => i % NR_ACCOUNTS === which))
}

function ownCycles(node: ProfileNode): number {
  return node.own + sum([...node.children.values()].map(ownCycles))
}

describe.for([
  ['exits', CONTENDED],
  ['a workload', WORKLOAD],
  ['shootdowns', SHOOTDOWN],
] as const)('%s', ([, scenario]) => {
  test('where running is free, the accounts of a CPU are its whole time', () => {
    const { clocks, accounts } = timed(scenario, { profile: flatProfile({ access: 0, atomic: 0 }) })
    const perCpu = Array.from(clocks, (_, cpu) =>
      sum(accounts.slice(cpu * NR_ACCOUNTS, (cpu + 1) * NR_ACCOUNTS)),
    )
    expect(perCpu).toEqual([...clocks])
  })

  test('waits are the same by class, by CPU and by pair', () => {
    const simulation = timed(scenario)
    const { locks: classes, waitedFor } = simulation
    expect(LOCK_CLASS_KEYS.map((_, i) => account(simulation, ACCOUNT_WAIT + i))).toEqual(
      classes.map(({ waitTotal }) => waitTotal),
    )
    expect(sum(waitedFor)).toBe(sum(classes.map(({ waitTotal }) => waitTotal)))
    for (const { contentions, waitHistogram, acquisitions, holdHistogram } of classes) {
      expect([sum(waitHistogram), sum(holdHistogram)]).toEqual([contentions, acquisitions])
    }
  })

  test('what functions take by themselves is the time of all CPUs', () => {
    const { profile, clocks } = timed(scenario, { form: 'profiled' })
    expect(ownCycles(profile)).toBe(sum(clocks))
  })

  test('the report says the same in nanoseconds', () => {
    const { virtual, locks } = runVirtual(scenario, { functions: true, verify: false })
    const stacks = virtual?.cpuTime ?? []
    const total = sum(stacks.map(({ totalNs }) => totalNs))
    for (const { totalNs, waitNs, cpu: _, ...parts } of stacks)
      expect(sum(Object.values(parts)) + sum(Object.values(waitNs))).toBe(totalNs)
    const waits = sum(LOCK_CLASS_KEYS.map((key) => locks[key].waitNs.total))
    const pairs = virtual?.lockWaits ?? []
    expect(Math.abs(sum(pairs.map(({ ns }) => ns)) - waits)).toBeLessThanOrEqual(pairs.length + 6)
    const functions = virtual?.functions ?? []
    const exclusive = sum(functions.map(({ exclusiveNs }) => exclusiveNs))
    expect(Math.abs(exclusive - total)).toBeLessThanOrEqual(functions.length + stacks.length)
  })
})

describe('TLB flushes', () => {
  const profile = flatProfile()
  const { ipiHandle, ipiSend, ipiLatency, tlbFlushPage, tlbFlushAll } = profile.cycles

  /** CPU 0 flushes a page of an mm that CPU 1 has too, which holds a lock of this class meanwhile. */
  function flushBeside(lockClass: number, with_: MachineProfile = profile): Simulation {
    const scenario = overrideScenario(presetScenario('exit-order0'), { pages: 1 })
    const machine = createMachine(scenario)
    populate(machine, scenario)
    bindMachine(machine)
    const { ZONE, MM_BASE } = machine.globals
    machine.words.fill(0, ZONE, ZONE + ZONE_WORDS)
    machine.words[MM_BASE + MM_CPUMASK] = 3
    function* main(cpu: number): Steps<void> {
      if (mem[cpu + CPU_ID] === 0) {
        charge(5000)
        if (slack < 0 && ahead(0)) yield 0
        if (flushTlbMmRange(MM_BASE, 7, 8, 0)) yield 1
        return
      }
      const lock = ZONE + LINE_WORDS
      if (spinLock(lock, lockClass)) yield 1
      charge(100_000)
      if (slack < 0 && ahead(lock)) yield 0
      spinUnlock(lock, lockClass)
    }
    return simulate(machine, {
      profile: with_,
      program: main,
      startCycles: allAtOnce(2),
      cyclesMax: 1e9,
      eventsMax: 1000,
    })
  }

  test('wait for a CPU that holds a lock with interrupts off', () => {
    const { clocks, interrupts } = flushBeside(LRUVEC_CLASS)
    // the handler runs when the lock is released
    expect(clocks[0]).toBe(clocks[1])
    expect(clocks[0]).toBeGreaterThan(100_000)
    expect([...interrupts.ipisSent, ...interrupts.ipisHandled]).toEqual([1, 0, 0, 1])
    expect(interrupts.offCyclesMax[1]).toBeGreaterThan(100_000)
  })

  test('do not wait where interrupts are on, and take the handler from the target', () => {
    const simulation = flushBeside(PTL_CLASS)
    const handling = ipiSend.value + ipiLatency.value + ipiHandle.value
    expect(simulation.clocks[0]).toBe(5000 + tlbFlushPage.value + handling)
    expect(simulation.accounts[NR_ACCOUNTS + ACCOUNT_IPI]).toBe(ipiHandle.value)
    expect(simulation.interrupts.offCyclesMax).toEqual(new Float64Array(2))
  })

  test('that are broadcast interrupt nobody', () => {
    const broadcast: MachineProfile = { ...profile, tlbFlush: 'broadcast' }
    const { clocks, interrupts } = flushBeside(LRUVEC_CLASS, broadcast)
    expect(clocks[0]).toBe(5000 + tlbFlushPage.value)
    expect(sum(interrupts.ipisSent)).toBe(0)
    const ipis = ['skylake-104', 'altra-80'].map(
      (name) => timed(SHOOTDOWN, { profile: shippedProfile(name) }).interrupts,
    )
    expect(ipis.map(({ ipisSent }) => sum(ipisSent) > 0)).toEqual([true, false])
  })

  test('of munmaps reach all seven others each time, and are all handled', () => {
    const { interrupts } = timed(SHOOTDOWN)
    expect(sum(interrupts.ipisSent)).toBe(interrupts.ipisSent[0])
    expect(sum(interrupts.ipisSent) % 7).toBe(0)
    expect(sum(interrupts.ipisSent)).toBeGreaterThanOrEqual(3 * 7)
    expect(sum(interrupts.ipisHandled)).toBe(sum(interrupts.ipisSent))
  })

  test('of an exit are local and done once: the mm is lazy', () => {
    const scenario = overrideScenario(presetScenario('exit-one-order0'), { pages: 40_000 })
    const machine = createMachine(scenario)
    populate(machine, scenario)
    const simulation = runTimed(machine, scenario, { profile })
    expect(countersOf(machine)['tlbFlushes']).toBeGreaterThan(1)
    expect(account(simulation, ACCOUNT_IPI)).toBe(tlbFlushAll.value)
  })
})
