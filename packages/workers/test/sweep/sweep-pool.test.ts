/**
 * Tests of the threads of a sweep: the same bytes from each, threads that die, the end.
 */
import {
  findProfile,
  overrideScenario,
  pointOutcome,
  presetScenario,
  runVirtual,
  type Scenario,
} from '@mmgather/core'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'

import type { SweepAnswer, SweepTask, SweepThreadData } from '../../src/sweep/sweep-api.ts'
import { openSweepPool, type SweepPool } from '../../src/sweep/sweep-pool.ts'
import { disposeStrategyFile, loadStrategyFile } from '../../src/strategy-file/strategy-file.ts'
import { checkNoThreadLeft } from '../support.ts'

afterEach(() => {
  delete process.env['MMGATHER_TEST_MARKER']
  checkNoThreadLeft()
})

const SMALL = overrideScenario(presetScenario('exit-order0'), { cpus: 3, processes: 3, pages: 128 })
const DATA: SweepThreadData = { strategyFiles: [] }
const FAULTY = new URL('fault-sweep-worker.ts', import.meta.url)

function profile(name: string) {
  const found = findProfile(name)
  if (found === undefined) throw new Error(`no profile ${name}`)
  return found
}

function task(scenario: Partial<Scenario> = {}, of = 'skylake-104'): SweepTask {
  return {
    scenario: { ...SMALL, ...scenario },
    profile: profile(of),
    options: { verify: true },
    arrivalJitterNs: 1000,
  }
}

/** One point, given alone. */
async function runOne(pool: SweepPool, one: SweepTask): Promise<SweepAnswer | undefined> {
  return (await pool.run([one])).answers[0]
}

/** Points given together, the rest again until all are answered. */
async function runTogether(pool: SweepPool, tasks: readonly SweepTask[]): Promise<SweepAnswer[]> {
  const answers: SweepAnswer[] = []
  while (answers.length < tasks.length)
    answers.push(...(await pool.run(tasks.slice(answers.length))).answers)
  return answers
}

async function withPool<T>(
  opened: Promise<SweepPool>,
  work: (pool: SweepPool) => Promise<T>,
): Promise<T> {
  const pool = await opened
  try {
    return await work(pool)
  } finally {
    await pool.close()
  }
}

describe('a point', () => {
  test('gives what runVirtual gives, whichever thread it is run in and whatever was run before', async () => {
    const tasks = [1, 2, 3, 4, 5, 6].flatMap((seed) => [task({ seed }), task({ seed }, 'altra-80')])
    const alone = tasks.map(({ scenario, profile: of, arrivalJitterNs }) => {
      const options = { profile: of, arrivalJitterNs }
      return JSON.stringify(pointOutcome(runVirtual(scenario, options)))
    })
    const one = await withPool(openSweepPool(DATA, 1), (pool) =>
      Promise.all(tasks.map((each) => runOne(pool, each))),
    )
    const together = await withPool(openSweepPool(DATA, 1), (pool) => runTogether(pool, tasks))
    const several = await withPool(openSweepPool(DATA, 3), (pool) =>
      Promise.all(tasks.toReversed().map((each) => runOne(pool, each))),
    )
    expect(one.map((answer) => answer?.text)).toEqual(alone)
    expect(together).toEqual(one)
    expect(several.toReversed()).toEqual(one)
  })

  test('that cannot be run is its own error, and the next one is run', async () => {
    const answers = await withPool(openSweepPool(DATA, 1), (pool) =>
      runTogether(pool, [
        task({ strategy: 'none' }),
        task({ machine: { ...SMALL.machine, cpus: 4000 } }),
        task(),
      ]),
    )
    expect(answers.map(({ error }) => error)).toEqual(['scenario', 'limits', undefined])
    expect(JSON.parse(answers[0]?.text ?? '')).toMatchObject({ error: { kind: 'scenario' } })
  })

  test('may have a strategy file', async () => {
    const path = new URL('../../../../docs/strategies/pages-per-hold.ts', import.meta.url).pathname
    const file = await loadStrategyFile(`${path}#pagesPerHold`)
    onTestFinished(() => disposeStrategyFile(file))
    const answer = await withPool(openSweepPool({ strategyFiles: [file] }, 1), (pool) =>
      runOne(pool, { ...task({ strategy: file.id }), strategyFile: 0 }),
    )
    expect(answer?.error).toBeUndefined()
    const other = await withPool(openSweepPool(DATA, 1), (pool) => runOne(pool, task()))
    expect(answer?.text).not.toBe(other?.text)
  })
})

describe('a thread that dies', () => {
  test('is replaced, and its point is tried once more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mmgather-sweep-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    process.env['MMGATHER_TEST_MARKER'] = join(folder, 'died')
    const seeds = [1, 4, 5, 6, 7]
    const answers = await withPool(openSweepPool(DATA, 2, FAULTY), (pool) =>
      Promise.all(seeds.map((seed) => runOne(pool, task({ seed })))),
    )
    const sound = await withPool(openSweepPool(DATA, 1), (pool) =>
      Promise.all(seeds.map((seed) => runOne(pool, task({ seed })))),
    )
    expect(answers).toEqual(sound)
  })

  test('of the same point twice makes it a lost one, and no other', async () => {
    const answers = await withPool(openSweepPool(DATA, 2, FAULTY), (pool) =>
      Promise.all([2, 4, 2, 5, 2].map((seed) => runOne(pool, task({ seed })))),
    )
    expect(answers.map((answer) => answer?.error)).toEqual([
      'lost',
      undefined,
      'lost',
      undefined,
      'lost',
    ])
    expect(JSON.parse(answers[0]?.text ?? '')).toEqual({
      error: { kind: 'lost', message: 'two threads died of it: worker exited with code: 3' },
    })
  })

  test('of one of several points that it was given together loses none of the others', async () => {
    const seeds = [4, 5, 2, 6]
    const [answers, sound] = await Promise.all([
      withPool(openSweepPool(DATA, 1, FAULTY), (pool) =>
        pool.run(seeds.map((seed) => task({ seed }))),
      ),
      withPool(openSweepPool(DATA, 1), (pool) =>
        runTogether(
          pool,
          [4, 5, 6].map((seed) => task({ seed })),
        ),
      ),
    ])
    expect(answers.answers.map(({ error }) => error)).toEqual([
      undefined,
      undefined,
      'lost',
      undefined,
    ])
    expect(answers.answers.filter(({ error }) => error === undefined)).toEqual(sound)
  })

  test('at its start, always, loses the points and does not hang', async () => {
    const entry = new URL('no-such-module.ts', import.meta.url)
    const answers = await withPool(openSweepPool(DATA, 2, entry), (pool) =>
      Promise.all([runOne(pool, task()), runOne(pool, task())]),
    )
    expect(answers.map((answer) => answer?.error)).toEqual(['lost', 'lost'])
  })
})

test('close ends a thread that never would', async () => {
  const pool = await openSweepPool(DATA, 1, FAULTY)
  const never = pool.run([task({ seed: 3 })])
  const settled = Promise.allSettled([never])
  await pool.close()
  expect(await settled).toMatchObject([{ status: 'rejected' }])
})
