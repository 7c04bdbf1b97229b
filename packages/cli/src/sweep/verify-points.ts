/**
 * Runs points of the journal again and compares what they give with their lines, byte by byte.
 */
import { randomInt } from 'node:crypto'
import { entryLine, type SweepPoint } from '@mmgather/core'
import { openSweepPool } from '@mmgather/workers'
import type { Watch } from '../commands/outputs.ts'
import type { WrittenPoint } from './journal-file.ts'
import type { PointsJob } from './run-points.ts'

export interface Verification {
  checked: number
  different: { key: string; point: SweepPoint }[]
  isInterrupted: boolean
}

/** @param wanted - so many points, drawn at random; all, if there are fewer. */
export async function verifyPoints(
  { plan, states, threads, journal }: PointsJob,
  wanted: number,
  { signal, onProgress }: Watch,
): Promise<Verification> {
  const drawn = draw(
    states.flatMap(({ reused }, i) =>
      reused === undefined ? [] : [{ index: i, written: reused }],
    ),
    wanted,
  )
  const found: Verification = { checked: 0, different: [], isInterrupted: false }
  if (drawn.length === 0) return found
  const pool = await openSweepPool(plan.threadData, threads)
  const check = async ({
    index,
    written,
  }: {
    index: number
    written: WrittenPoint
  }): Promise<void> => {
    const planned = plan.points[index]
    const point = plan.pointAt(index)
    const text = planned?.error
      ? JSON.stringify({ error: planned.error })
      : (await pool.run([plan.taskAt(index)])).answers[0]?.text
    found.checked++
    if (entryLine(written.key, point, text ?? '') !== `${journal.lineOf(written)}\n`)
      found.different.push({ key: written.key, point })
    onProgress(found.checked / drawn.length, `${found.checked} of ${drawn.length} points compared`)
  }
  const all = (async () => {
    const lane = async (): Promise<void> => {
      for (let next = drawn.pop(); next && !signal.aborted; next = drawn.pop()) await check(next)
    }
    await Promise.all(Array.from({ length: threads }, lane))
  })()
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  try {
    await Promise.race([all, aborted])
  } finally {
    found.isInterrupted = signal.aborted
    await pool.close()
    await all.catch(() => undefined)
  }
  return found
}

function draw<T>(from: readonly T[], wanted: number): T[] {
  const rest = [...from]
  const count = Math.min(wanted, rest.length)
  return Array.from({ length: count }, () => rest.splice(randomInt(rest.length), 1)[0] as T)
}
