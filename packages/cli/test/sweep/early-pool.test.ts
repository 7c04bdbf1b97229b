/** The pool that is opened before the points are planned: when it is, and when another has to take its place. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import type { SweepPool } from '@mmgather/workers'
import { openEarly, poolWith } from '../../src/sweep/early-pool.ts'
import { loadSweep } from '../../src/sweep/load-sweep.ts'
import { emptyFolder } from '../support.ts'

function sweepOf(axes: string[]) {
  return loadSweep('exit-one-order0', {
    axes,
    set: {},
    seed: undefined,
    seeds: undefined,
    options: { verify: true },
  })
}

/** Notes what is done to it. */
function poolOf(told: string[]): SweepPool {
  return {
    run: () => Promise.reject(new Error('nothing is run here')),
    close: async () => void told.push('closed'),
  }
}

describe('openEarly', () => {
  test('a thread for each job, but none without a point', async () => {
    const journal = join(emptyFolder(), 'new.jsonl')
    const sweep = await sweepOf(['pages=10,20,30'])
    for (const [jobs, threads] of [
      [2, 2],
      [64, 3],
    ]) {
      const early = await openEarly(sweep, journal, jobs)
      expect(early?.threads).toBe(threads)
      await early?.pool.close()
      // whoever ran points in it may have closed it before
      await early?.pool.close()
    }
  })

  test('not beside a journal, which may have all points', async () => {
    const journal = join(emptyFolder(), 'old.jsonl')
    writeFileSync(journal, '')
    expect(await openEarly(await sweepOf(['pages=10,20']), journal, 2)).toBeUndefined()
  })
})

describe('poolWith', () => {
  test('the one that is there, if it has so many threads', async () => {
    const told: string[] = []
    const pool = poolOf(told)
    const taken = await poolWith(2, { pool, threads: 2 }, async () => poolOf(told))
    expect(taken).toBe(pool)
    expect(told).toEqual([])
  })

  test('else another, once that one is gone', async () => {
    const told: string[] = []
    const open = async (): Promise<SweepPool> => {
      told.push('opened')
      return poolOf(told)
    }
    await poolWith(1, { pool: poolOf(told), threads: 2 }, open)
    await poolWith(1, undefined, open)
    expect(told).toEqual(['closed', 'opened', 'opened'])
  })
})
