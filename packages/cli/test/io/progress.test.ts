/**
 * Tests of the progress bar: where it is drawn, and when.
 */
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProgressStream, startProgress } from '../../src/io/progress.ts'

/** A stream that keeps what is written to it. */
function recorder(isTTY: boolean, columns: number): { stream: ProgressStream; text: () => string } {
  let text = ''
  const writable = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk)
      done()
    },
  })
  return { stream: Object.assign(writable, { isTTY, columns }), text: () => text }
}

async function drawn(
  isWanted: boolean,
  isTTY: boolean,
  columns: number,
  ms: number,
): Promise<string> {
  const { stream, text } = recorder(isTTY, columns)
  const progress = startProgress(isWanted, stream)
  progress.update(0.5, 'run 1 of 2')
  await sleep(ms)
  progress.update(0.75, 'run 2 of 2')
  progress.stop()
  return text()
}

describe('a progress bar', () => {
  test('is drawn on a terminal after a second, in its width, and taken away', async () => {
    const bar = `${'='.repeat(20)}${'-'.repeat(20)}`
    const widths = [80, 0, 200, 50]
    const texts = await Promise.all(widths.map((columns) => drawn(true, true, columns, 1500)))
    const narrow = texts.pop()
    for (const text of texts) expect(text).toContain(`[${bar}] 50% run 1 of 2`)
    expect(narrow).toContain('[=====-----] 50% run 1 of 2')
    expect(narrow?.endsWith('\u001b[1G\u001b[2K')).toBe(true)
  })

  test('is not drawn for what is over before, elsewhere than on a terminal, or unasked', async () => {
    expect(await drawn(true, true, 80, 500)).toBe('')
    expect(await drawn(true, false, 80, 1500)).toBe('')
    expect(await drawn(false, true, 80, 1500)).toBe('')
  })
})
