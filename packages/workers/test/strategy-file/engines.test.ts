/**
 * Strategy files in both engines: the same counts, times to the cycle where the text does the same, and an end for what
 * never ends.
 */
import { afterEach, describe, expect, test } from 'vitest'

import { runLive, runVirtualInThread } from '../../src/index.ts'
import { checkNoThreadLeft, orderIndependent } from '../support.ts'
import { copyOfCore, fixture, load, mixed, PAGES_PER_HOLD, smallAmongRanges } from './support.ts'

afterEach(checkNoThreadLeft)

describe('the documented strategy', () => {
  test('counts the same on one CPU in both engines, and nothing is lost', async () => {
    const strategyFile = await load(PAGES_PER_HOLD)
    const live = await runLive(mixed(1), { strategyFile })
    const virtual = await runVirtualInThread(mixed(1), { strategyFile })
    expect(live.outcome).toEqual({ kind: 'completed' })
    expect(virtual.outcome).toEqual({ kind: 'completed' })
    expect(virtual.counters).toEqual(live.counters)
    expect(virtual.events).toEqual(live.events)
  })

  test('differs from range-v1 in its lock holds alone', async () => {
    const strategyFile = await load(PAGES_PER_HOLD)
    const own = await runVirtualInThread(smallAmongRanges(), { strategyFile })
    const core = await runVirtualInThread(smallAmongRanges())
    const { lruvecLockAcquisitions: owns, ...rest } = own.counters
    const { lruvecLockAcquisitions: cores, ...others } = core.counters
    expect(rest).toEqual(others)
    expect(owns).toBeGreaterThan(cores)
    expect(own.events.irqsOffSlotsMax).toBeLessThan(core.events.irqsOffSlotsMax)
  })

  test('on several CPUs, with the queue and every kind of lock', async () => {
    const strategyFile = await load(PAGES_PER_HOLD)
    const alone = await runVirtualInThread(mixed(1), { strategyFile })
    for (const lock of ['ttas', 'ticket', 'qspinlock'] as const) {
      const scenario = mixed(3, { lock, deal: 'queue' })
      for (const report of [
        await runLive(scenario, { strategyFile, runs: 5 }),
        await runVirtualInThread(scenario, { strategyFile }),
      ]) {
        expect(report.outcome).toEqual({ kind: 'completed' })
        expect(orderIndependent(report.counters)).toEqual(orderIndependent(alone.counters))
      }
    }
  })
})

describe('the same text takes the same virtual time, to the cycle', () => {
  test.each([1, 4])("core's release loop in a user's file, %i CPUs", async (cpus) => {
    const strategyFile = await load(copyOfCore())
    const own = await runVirtualInThread(mixed(cpus), { strategyFile })
    const core = await runVirtualInThread(mixed(cpus))
    expect(own.time).toEqual(core.time)
    expect(own.counters).toEqual(core.counters)
    expect(own.virtual).toEqual(core.virtual)
  })
})

describe('the report', () => {
  test('names the strategy, its file, and the way to do it again', async () => {
    const strategyFile = await load(fixture('own-id'))
    const report = await runLive(mixed(1), { strategyFile })
    expect(report).toMatchObject({
      strategy: 'own-id',
      strategyFile: fixture('own-id'),
      scenario: { strategy: 'own-id' },
      reproduce: `mmgather run mixed.yaml --strategy ${fixture('own-id')} --runs 1`,
      environment: { code: 'wasm' },
    })
  })

  test('of virtual runs has the functions of the file', async () => {
    const strategyFile = await load(PAGES_PER_HOLD)
    const report = await runVirtualInThread(mixed(1), { strategyFile, functions: true })
    expect(report).toMatchObject({ strategy: 'pages-per-hold', strategyFile: PAGES_PER_HOLD })
    const names = report.virtual?.functions?.map((each) => each.function)
    expect(names).toContain('releaseByPages')
    expect(names).toContain('lruvecDelFolio')
    expect(names).not.toContain('foliosPutRefs')
  })

  test('of a run that was stopped before it began', async () => {
    const strategyFile = await load(fixture('own-id'))
    const options = { strategyFile, signal: AbortSignal.abort() }
    for (const report of [
      await runLive(mixed(1), options),
      await runVirtualInThread(mixed(1), options),
    ]) {
      expect(report).toMatchObject({ strategy: 'own-id', outcome: { kind: 'interrupted' } })
    }
  })

  test('of text that breaks an invariant', async () => {
    const strategyFile = await load(fixture('leak'))
    const outcome = { kind: 'violated' }
    expect(await runLive(mixed(1), { strategyFile })).toMatchObject({ outcome })
    expect(await runVirtualInThread(mixed(1), { strategyFile })).toMatchObject({ outcome })
  })
})

describe('what never ends, ends in virtual time', () => {
  test('a loop without an operation', async () => {
    const strategyFile = await load(fixture('endless-loop'))
    const { outcome } = await runVirtualInThread(mixed(1), { strategyFile })
    expect(outcome).toMatchObject({
      kind: 'bounds',
      message: expect.stringContaining('CPU 0 made'),
    })
    expect(outcome).toMatchObject({ message: expect.stringMatching(/endless-loop\.ts:\d+\)/) })
  })

  test('a recursion', async () => {
    const strategyFile = await load(fixture('recursion'))
    const { outcome } = await runVirtualInThread(mixed(1), { strategyFile })
    expect(outcome).toEqual({
      kind: 'bounds',
      message: 'CPU 0 called functions too deeply: a recursion',
    })
  })

  test('a CPU that waits for itself', async () => {
    const strategyFile = await load(fixture('lock-twice'))
    const { outcome } = await runVirtualInThread(mixed(1), { strategyFile })
    expect(outcome).toEqual({
      kind: 'deadlock',
      waits: [
        expect.stringMatching(/^CPU 0 .* waits for the lruvec lock .*, which it holds itself$/),
      ],
    })
  })

  test('CPUs that wait for each other', async () => {
    const strategyFile = await load(fixture('opposite-order'))
    const { outcome } = await runVirtualInThread(mixed(2), { strategyFile })
    expect(outcome).toEqual({
      kind: 'deadlock',
      waits: [
        expect.stringMatching(/^CPU 0 .* waits for the lruvec lock .*, held by CPU 1$/),
        expect.stringMatching(/^CPU 1 .* waits for the splitQueue lock .*, held by CPU 0$/),
      ],
    })
  })

  test('live: a CPU that does not get on is found', async () => {
    const strategyFile = await load(fixture('endless-loop'))
    const { outcome } = await runLive(mixed(1), { strategyFile })
    expect(outcome).toMatchObject({ kind: 'failed', message: expect.stringContaining('hung') })
  })
})

describe('the code that its threads run', () => {
  test.each([PAGES_PER_HOLD, fixture('two-files')])(
    'WebAssembly does what JavaScript does: %s',
    async (path) => {
      const strategyFile = await load(path)
      const [wasm, js] = [
        await runLive(mixed(1), { strategyFile }),
        await runLive(mixed(1), { strategyFile, code: 'js' }),
      ]
      expect(wasm.environment.code).toBe('wasm')
      expect(js.environment.code).toBe('js')
      expect(js.outcome).toEqual({ kind: 'completed' })
      expect(wasm.counters).toEqual(js.counters)
      expect(wasm.events).toEqual(js.events)
      expect(wasm.warnings.join()).not.toContain('JavaScript')
      expect(js.warnings.join()).toContain('ran as JavaScript modules')
    },
  )

  test('JavaScript, with the reason, where the compiler refuses what JavaScript takes', async () => {
    const strategyFile = await load(fixture('boolean-as-integer'))
    const report = await runLive(mixed(1), { strategyFile })
    expect(report.outcome).toEqual({ kind: 'completed' })
    expect(report.environment.code).toBe('js')
    expect(report.warnings).toContainEqual(
      expect.stringMatching(
        /cannot be compiled to WebAssembly .*boolean-as-integer\.ts:15:\d+: argument n is an integer, not a boolean$/,
      ),
    )
  })

  test('WebAssembly that is asked for is made, or refused', async () => {
    const strategyFile = await load(fixture('own-id'))
    const report = await runLive(mixed(1), { strategyFile, code: 'wasm' })
    expect(report.environment.code).toBe('wasm')
    expect(report.reproduce).toContain('--code wasm')
    const refused = await load(fixture('boolean-as-integer'))
    const run = runLive(mixed(1), { strategyFile: refused, code: 'wasm' })
    await expect(run).rejects.toThrow(/boolean-as-integer\.ts:15:\d+: argument n is an integer/)
  })

  test('a trap names the function of the file and its place', async () => {
    const strategyFile = await load(fixture('beyond-memory'))
    const { outcome } = await runLive(mixed(1), { strategyFile })
    expect(outcome).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(
        /memory access out of bounds.* in readBeyond < .*, at \S*beyond-memory\.ts:8:\d+/,
      ),
    })
  })
})
