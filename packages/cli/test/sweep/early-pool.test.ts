/** Threads that are started before the model is loaded: when they are, and when others have to take their place. */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import type { SweepPool } from '@mmgather/workers'
import { type EarlyThreads, poolWith, startEarly } from '../../src/sweep/early-pool.ts'
import { emptyFolder } from '../support.ts'

const newJournal = (): string => join(emptyFolder(), 'new.jsonl')

describe('startEarly', () => {
  test('a thread for each job, which can be ended twice', async () => {
    const early = await startEarly({ out: newJournal(), jobs: 1 })
    expect(early?.count).toBe(1)
    await early?.threads.close()
    // whoever ran points in them may have ended them before
    await early?.threads.close()
    const asManyAsCores = await startEarly({ out: newJournal() })
    expect(asManyAsCores?.count).toBe(availableParallelism())
    await asManyAsCores?.threads.close()
  })

  test('not beside a journal, which may have all points', async () => {
    const out = newJournal()
    writeFileSync(out, '')
    expect(await startEarly({ out, jobs: 1 })).toBeUndefined()
  })

  test.for([
    { out: undefined },
    { dryRun: true as const },
    { verifyJournal: 3 },
    { jobs: availableParallelism() + 1 },
    { strategy: './mine.ts#mine' },
    { axis: ['cpus=1,2', 'strategy=linux-6.5,mine.ts'] },
  ])('not with %j', async (flags) => {
    expect(await startEarly({ out: newJournal(), jobs: 1, ...flags })).toBeUndefined()
  })
})

describe('poolWith', () => {
  /** Notes what is done to the threads, and with how many a pool is opened. */
  async function pooled(needed: Partial<Parameters<typeof poolWith>[0]>, count?: number) {
    const told: string[] = []
    const threads = { close: async () => void told.push('closed') } as EarlyThreads['threads']
    await poolWith(
      { threads: 2, points: 10, hasStrategyFiles: false, ...needed },
      count === undefined ? undefined : { count, threads },
      async (opened) => {
        told.push(typeof opened === 'number' ? `opened with ${opened}` : 'opened with them')
        return {} as SweepPool
      },
    )
    return told
  }

  test('those that are there, if they are as many', async () => {
    expect(await pooled({}, 2)).toEqual(['opened with them'])
  })

  test('those that are there, if there are fewer points than threads', async () => {
    expect(await pooled({ threads: 1, points: 1 }, 2)).toEqual(['opened with them'])
  })

  test('others once those are gone, if memory allows fewer, or they run another module', async () => {
    expect(await pooled({ threads: 1 }, 2)).toEqual(['closed', 'opened with 1'])
    expect(await pooled({ threads: 3 }, 2)).toEqual(['closed', 'opened with 3'])
    expect(await pooled({ hasStrategyFiles: true }, 2)).toEqual(['closed', 'opened with 2'])
  })

  test('others if there are none', async () => {
    expect(await pooled({})).toEqual(['opened with 2'])
  })
})
