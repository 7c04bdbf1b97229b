/** How a run in virtual time ends when it does not complete: deadlocks, bounds, stops. */
import { describe, expect, test } from 'vitest'

import { createMachine, populate } from '../../../src/engines/boot.ts'
import { simulate, type SimulationEnd } from '../../../src/engines/virtual/simulation.ts'
import { PCP_CLASS, PTL_CLASS, ZONE_CLASS } from '../../../src/machine/counters.ts'
import { CPU_ID, LINE_WORDS, ZONE_WORDS } from '../../../src/machine/layout.ts'
import { bindMachine, type Machine } from '../../../src/machine/machine.ts'
import { mem } from '../../../src/machine/memory.ts'
import { overrideScenario } from '../../../src/scenario/overrides.ts'
import { presetScenario } from '../../../src/scenario/presets.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { runVirtual } from '../../../src/run/run-virtual.ts'
import { charge } from '../../../src/sync/virtual-clock.ts'
import { ahead, slack, spinLock, spinUnlock, type Steps } from '../../../src/sync/virtual.ts'
import { allAtOnce, flatProfile } from './support.ts'

type LockKind = Scenario['machine']['lock']
const KINDS: readonly LockKind[] = ['ttas', 'ticket', 'qspinlock']

/** A lock, by its word and class. */
type Lock = readonly [word: number, lockClass: number]

function* take([word, lockClass]: Lock): Steps<void> {
  if (slack < 0 && ahead(word)) yield 0
  if (spinLock(word, lockClass)) yield 1
  charge(1000)
}

function* release([word, lockClass]: Lock): Steps<void> {
  if (slack < 0 && ahead(word)) yield 0
  spinUnlock(word, lockClass)
}

interface Locks {
  a: Lock
  b: Lock
  c: Lock
}

/** Runs on two CPUs what `main` says for each of them. */
function end(kind: LockKind, main: (id: number, locks: Locks) => Steps<void>): SimulationEnd {
  const scenario = overrideScenario(presetScenario('exit-one-order0'), {
    cpus: 2,
    lock: kind,
    pages: 1,
  })
  const machine = createMachine(scenario)
  populate(machine, scenario)
  bindMachine(machine)
  const locks = locksOf(machine)
  return simulate(machine, {
    profile: flatProfile(),
    program: (cpu) => main(mem[cpu + CPU_ID] ?? -1, locks),
    startCycles: allAtOnce(2),
    cyclesMax: 1e9,
    eventsMax: 1e6,
  }).end
}

/** Three free words on lines of their own. */
function locksOf({ globals, words }: Machine): Locks {
  words.fill(0, globals.ZONE, globals.ZONE + ZONE_WORDS)
  const lock = (line: number): number => globals.ZONE + line * LINE_WORDS
  return { a: [lock(0), PTL_CLASS], b: [lock(1), PCP_CLASS], c: [lock(2), PTL_CLASS] }
}

const SHAPE = (rest: string): RegExp =>
  new RegExp(`^CPU \\d \\(at cycle \\d+\\) waits for the ${rest}$`)

describe.for(KINDS)('a deadlock of %s locks is reported', (kind) => {
  test('AB-BA: who holds and who waits', () => {
    const found = end(kind, function* (id, { a, b }) {
      yield* take(id === 0 ? a : b)
      yield* take(id === 0 ? b : a)
    })
    expect(found).toEqual({
      kind: 'deadlock',
      waits: [
        expect.stringMatching(SHAPE('pcp lock at word \\d+, held by CPU 1')),
        expect.stringMatching(SHAPE('ptl lock at word \\d+, held by CPU 0')),
      ],
    })
  })

  test('with itself; the other CPU is done', () => {
    const found = end(kind, function* (id, { a, c }) {
      yield* take(id === 0 ? a : c)
      if (id === 0) yield* release(a)
      else yield* take(c)
    })
    const held = expect.stringMatching(SHAPE('ptl lock at word \\d+, which it holds itself'))
    expect(found).toEqual({ kind: 'deadlock', waits: [held] })
  })

  test('by a CPU that ended with the lock', () => {
    const found = end(kind, function* (id, { a }) {
      if (id === 1) charge(100)
      yield* take(a)
      if (id === 1) yield* release(a)
    })
    const waits = expect.stringMatching(
      SHAPE('ptl lock at word \\d+, held by CPU 0, which has ended without releasing it'),
    )
    expect(found).toEqual({ kind: 'deadlock', waits: [waits] })
  })

  test('not where the locks are always taken in one order', () => {
    const found = end(kind, function* (_id, { a, b }) {
      yield* take(a)
      yield* take(b)
      yield* release(b)
      yield* release(a)
    })
    expect(found).toEqual({ kind: 'completed' })
  })
})

test('a lock that another CPU holds cannot be released', () => {
  const run = (): SimulationEnd =>
    end('qspinlock', function* (id, { a }) {
      if (id === 0) yield* take(a)
      else {
        charge(100_000)
        yield* release([a[0], ZONE_CLASS])
      }
    })
  expect(run).toThrow('a lock is released by a CPU that does not hold it')
})

describe('a run ends early', () => {
  const scenario = overrideScenario(presetScenario('exit-order0'), { pages: 20_000 })

  test('after so many events', () => {
    const { outcome, virtual } = runVirtual(scenario, { eventsMax: 100 })
    expect(outcome).toEqual({ kind: 'bounds', message: 'more than 100 events' })
    expect(virtual?.events).toBe(0)
  })

  test('after so much virtual time', () => {
    const { outcome, warnings, counters } = runVirtual(scenario, { timeMaxNs: 100_000 })
    expect(outcome).toEqual({
      kind: 'bounds',
      message: expect.stringMatching(/^CPU \d ran past 0\.1 ms of virtual time$/),
    })
    expect(warnings).toEqual([expect.stringContaining('0 of 1 runs')])
    expect(counters.ptesCleared).toBeGreaterThan(0)
    expect(counters.ptesCleared).toBeLessThan(40_000)
  })

  test('by a signal, in the course of a run and between runs', () => {
    let looks = 0
    const signal = {
      get aborted(): boolean {
        return ++looks > 10
      },
    }
    const report = runVirtual(scenario, { signal })
    expect(report.outcome).toEqual({ kind: 'interrupted', runsCompleted: 0 })
    expect(report.counters.ptesCleared).toBeLessThan(40_000)

    const later = { aborted: false }
    const onProgress = (fraction: number): void => {
      later.aborted = fraction > 0.5
    }
    const { outcome } = runVirtual(scenario, { runs: 4, signal: later, onProgress, verify: false })
    expect(outcome).toEqual({ kind: 'interrupted', runsCompleted: 3 })
  })
})
