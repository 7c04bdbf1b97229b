/**
 * Locks in virtual time against what can be worked out by hand: CPUs that do nothing but take one lock.
 *
 * All CPUs are equally far from each other, and a hold is longer than the time between two holds of a CPU, so that from
 * two CPUs on the lock is never free and every hold sees one CPU come. A period is then: the hold; the release, an atomic
 * on a line that the newcomer has taken; and the hand-over of the lock's kind.
 */
import { describe, expect, test } from 'vitest'

import { createMachine, populate } from '../../../src/engines/boot.ts'
import { simulate, type Simulation } from '../../../src/engines/virtual/simulation.ts'
import { SWAP_CLUSTER_CLASS } from '../../../src/machine/counters.ts'
import { CPU_ID, ZONE_LOCK } from '../../../src/machine/layout.ts'
import { bindMachine } from '../../../src/machine/machine.ts'
import { mem } from '../../../src/machine/memory.ts'
import { overrideScenario } from '../../../src/scenario/overrides.ts'
import { presetScenario } from '../../../src/scenario/presets.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { charge, nowCycles } from '../../../src/sync/virtual-clock.ts'
import { ahead, slack, spinLock, spinUnlock, type Steps } from '../../../src/sync/virtual.ts'
import { allAtOnce, flatProfile } from './support.ts'

type LockKind = Scenario['machine']['lock']

const CYCLES = {
  access: 2,
  atomic: 18,
  unlock: 20,
  memory: 50,
  transferCluster: 100,
  serveWaiter: 40,
}
/** What each CPU does between lock and unlock, and between unlock and lock. */
interface Rhythm {
  hold: number
  think: number
}
/** Nobody comes back before a ttas lock has its next owner, even with 78 further waiters. */
const SLOW: Rhythm = { hold: 10_000, think: 6000 }
/** A hand-over with many waiters is longer than the time until the last owner comes again. */
const QUICK: Rhythm = { hold: 1000, think: 200 }
const TIMES = 40
const OPERATION = CYCLES.atomic + CYCLES.access
const TRANSFER = CYCLES.transferCluster

interface Taken {
  cpu: number
  /** When the CPU found the lock taken, or took it; when it had it; when it released it. */
  came: number
  got: number
  left: number
}

interface Hammered {
  simulation: Simulation
  taken: Taken[]
  /** Cycles from the first time that the lock was taken to its last release. */
  duration: number
}

function* hammer(cpu: number, lock: number, rhythm: Rhythm, taken: Taken[]): Steps<void> {
  const id = mem[cpu + CPU_ID] ?? -1
  for (let i = 0; i < TIMES; i++) {
    if (slack < 0 && ahead(lock)) yield 0
    const waits = spinLock(lock, SWAP_CLUSTER_CLASS)
    const came = nowCycles()
    if (waits) yield 1
    const got = nowCycles()
    charge(rhythm.hold)
    if (slack < 0 && ahead(lock)) yield 0
    taken.push({ cpu: id, came, got, left: nowCycles() })
    spinUnlock(lock, SWAP_CLUSTER_CLASS)
    charge(rhythm.think)
  }
}

function run(lock: LockKind, cpus: number, rhythm: Rhythm): Hammered {
  const scenario = overrideScenario(presetScenario('exit-one-order0'), { cpus, lock, pages: 1 })
  const machine = createMachine(scenario)
  populate(machine, scenario)
  bindMachine(machine)
  const taken: Taken[] = []
  const simulation = simulate(machine, {
    profile: flatProfile(CYCLES),
    program: (cpu) => hammer(cpu, machine.globals.ZONE + ZONE_LOCK, rhythm, taken),
    startCycles: allAtOnce(cpus),
    cyclesMax: Number.MAX_SAFE_INTEGER,
    eventsMax: 1e8,
  })
  expect(simulation.end).toEqual({ kind: 'completed' })
  taken.sort((a, b) => a.got - b.got)
  const duration = (taken.at(-1)?.left ?? 0) - (taken[0]?.got ?? 0)
  return { simulation, taken, duration }
}

/** Cycles from one release to the next owner, `waiters` being those that wait beside it. */
function handOver(lock: LockKind, waiters: number): number {
  if (lock === 'qspinlock') return TRANSFER
  const share = lock === 'ticket' ? 0.5 : 1.5
  return TRANSFER + Math.round(waiters * CYCLES.serveWaiter * share)
}

function period(lock: LockKind, cpus: number, { hold, think }: Rhythm): number {
  if (cpus === 1) return OPERATION + hold + CYCLES.unlock + think
  // a CPU holds the lock and, at its release, all others wait
  return hold + TRANSFER + OPERATION + handOver(lock, cpus - 2)
}

/** The periods in the middle of the run, while every CPU takes part. */
function steadyPeriods({ taken }: Hammered): number[] {
  const middle = taken.slice(Math.floor(taken.length / 4), Math.floor((taken.length * 3) / 4))
  return middle.slice(1).map(({ got }, i) => got - (middle[i]?.got ?? 0))
}

const KINDS: readonly LockKind[] = ['ttas', 'ticket', 'qspinlock']
const CPUS = [1, 2, 8, 32, 80]
const SETTINGS = KINDS.flatMap((lock) => CPUS.map((cpus) => [lock, cpus] as const))

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe.for(SETTINGS)('%s, %i CPUs', ([lock, cpus]) => {
  const hammered = run(lock, cpus, SLOW)
  const { simulation, taken, duration } = hammered
  const figures = simulation.locks[SWAP_CLUSTER_CLASS]

  test('a period is what the cost table implies', () => {
    const periods = steadyPeriods(hammered)
    expect(periods.length).toBeGreaterThan(10)
    expect(new Set(periods)).toEqual(new Set([period(lock, cpus, SLOW)]))
  })

  test('each acquisition is counted, and nobody has the lock before it is free', () => {
    expect(figures?.acquisitions).toBe(taken.length)
    taken.slice(1).forEach(({ got }, i) => expect(got).toBeGreaterThanOrEqual(taken[i]?.left ?? 0))
  })

  test('utilisation: the statistics have the time held that the CPUs saw', () => {
    const held = taken.reduce((sum, { got, left }) => sum + left - got, 0)
    expect(figures?.holdTotal).toBe(held)
    // as the period has it, beside the first and the last turns
    const share = SLOW.hold / period(lock, cpus, SLOW)
    expect(Math.abs(held / duration - share)).toBeLessThan(share * (cpus === 1 ? 0.02 : 0.01))
  })

  test("Little's law: mean number waiting = arrival rate x mean wait", () => {
    const contended = figures?.contentions ?? 0
    const meanWait = contended === 0 ? 0 : (figures?.waitTotal ?? 0) / contended
    const expected = (contended / duration) * meanWait
    const waiting = queueIntegral(taken) / duration
    expect(Math.abs(waiting - expected)).toBeLessThanOrEqual(expected * 0.01)
    // at most all but the owner, and all but two in the middle of the run
    expect(waiting).toBeGreaterThanOrEqual((cpus - 2) / 2)
  })
})

/** The number of waiting CPUs, integrated over time. */
function queueIntegral(taken: readonly Taken[]): number {
  const events = taken
    .flatMap(({ came, got }) => [
      { at: came, by: 1 },
      { at: got, by: -1 },
    ])
    .toSorted((a, b) => a.at - b.at)
  let waiting = 0
  let since = 0
  let area = 0
  for (const { at, by } of events) {
    area += waiting * (at - since)
    waiting += by
    since = at
  }
  return area
}

describe('how locks scale', () => {
  const times = (lock: LockKind, cpus: number): number =>
    mean(steadyPeriods(run(lock, cpus, QUICK)))

  test('a ticket lock collapses as waiters grow', () => {
    expect(times('ticket', 80)).toBeGreaterThan(times('ticket', 8) * 1.8)
  })

  test('a queued spinlock takes the same time with 8 and with 80 CPUs', () => {
    expect(times('qspinlock', 80)).toBe(times('qspinlock', 8))
  })
})

describe('fairness: first come, first served', () => {
  /** Acquisitions by CPUs that came after another one which still waited. */
  function overtaken(lock: LockKind): number {
    const { taken } = run(lock, 8, QUICK)
    return taken.filter(({ got, came }) =>
      taken.some((other) => other.came < came && other.got > got),
    ).length
  }

  test('ticket', () => expect(overtaken('ticket')).toBe(0))
  test('qspinlock', () => expect(overtaken('qspinlock')).toBe(0))
  test('not ttas', () => expect(overtaken('ttas')).toBeGreaterThan(10))
})
