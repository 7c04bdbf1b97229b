/**
 * Tests of sweeps that are killed or interrupted: each goes on where it was, to the lines of one that was not.
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather } from '../support.ts'
import { JOURNAL, sortedLines, textOf } from './support.ts'

/** Points of a few milliseconds, so that most kills come while some are under way. */
const SWEEP = [
  'sweep',
  '--pages',
  '256',
  '--axis',
  'cpus+processes=1..4',
  '--axis',
  'swapClusterMax=1,2,4..32',
  '-o',
  JOURNAL,
  '-q',
]
const POINTS = 24

/** Signals once the journal has grown by so many bytes, so that every try gets further. */
function whenGrown(
  cwd: string,
  bytes: number,
  signal: NodeJS.Signals,
): (child: ChildProcess) => void {
  const path = join(cwd, JOURNAL)
  const size = (): number => (existsSync(path) ? statSync(path).size : 0)
  const goal = size() + bytes
  return (child) => {
    void (async () => {
      while (child.exitCode === null && child.signalCode === null && size() < goal) await sleep(1)
      child.kill(signal)
    })()
  }
}

describe('a sweep', () => {
  test('that is killed again and again has each point once, in the same bytes', async () => {
    const [whole, cwd] = [emptyFolder(), emptyFolder()]
    expect((await mmgather(SWEEP, { cwd: whole })).code).toBe(0)
    const killed = async (grown: number): Promise<boolean> => {
      const { signal } = await mmgather(SWEEP, { cwd, onStart: whenGrown(cwd, grown, 'SIGKILL') })
      return signal === 'SIGKILL'
    }
    let kills = 0
    // a different part of a line each time
    while (kills < 100 && (await killed(1 + kills * 3777))) kills++
    expect(kills).toBeGreaterThan(2)
    expect(kills).toBeLessThan(100)
    const lines = sortedLines(textOf(cwd))
    expect(lines).toEqual(sortedLines(textOf(whole)))
    expect(lines).toHaveLength(POINTS + 2)
  })

  test('that is interrupted keeps what was finished, says so, and goes on', async () => {
    const cwd = emptyFolder()
    const long = [...SWEEP.slice(0, -1), '--seeds', '200']
    const { code, stdout, stderr } = await mmgather(long, {
      cwd,
      onStart: whenGrown(cwd, 20_000, 'SIGINT'),
    })
    expect(code).toBe(130)
    expect(stderr).toMatch(/^stopping; again to stop at once, without a report\n/)
    const [, kept = ''] = /^interrupted: (\d+) of 4800 points are in j.jsonl; /m.exec(stderr) ?? []
    expect(stdout).toMatch(
      /^points +4,800 = 4 x 6 x 200 seeds: [\d,]+ run, [\d,]+ missing, 0 without/m,
    )
    expect(textOf(cwd).trimEnd().split('\n')).toHaveLength(Number(kept) + 1)
    const { stdout: list } = await mmgather([...long, '--dry-run', '--json'], { cwd })
    expect(list.match(/"reuse"/g)).toHaveLength(Number(kept))
  })
})
