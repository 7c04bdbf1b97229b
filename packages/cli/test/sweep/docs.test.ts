/**
 * Tests that docs/sweeps.md is true: its commands print what is shown, its sweep file is one, its journal reads.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJournal, parseSweepText } from '@mmgather/core'
import { expect, test } from 'vitest'
import { emptyFolder, mmgather } from '../support.ts'

const DOCS = readFileSync(new URL('../../../../docs/sweeps.md', import.meta.url), 'utf8')

function blocks(language: string): string[] {
  return [...DOCS.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , text = '']) => text)
}

/** Without what follows from costs that may be mended: figures, their units, bars, and what is waited for most. */
function lasting(text: string): string {
  return text
    .replaceAll(/[█▏▎▍▌▋▊▉]+/g, '')
    .replaceAll(/ (?:lruvec|zone|splitQueue|-) /g, ' LOCK ')
    .replaceAll(/[\d.,]+( [nµm]?s|( %))?/g, 'N')
    .replaceAll(/ +/g, ' ')
    .replaceAll(/ $/gm, '')
}

test('its commands print what is shown', async () => {
  const cwd = emptyFolder()
  const commands = blocks('console').flatMap((block) => block.split(/^\$ /m).slice(1))
  expect(commands.length).toBe(2)
  for (const command of commands) {
    const [line = '', ...output] = command.split('\n')
    const { code, stdout, stderr } = await mmgather(line.split(' ').slice(1), { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(lasting(stdout)).toBe(lasting(output.join('\n')))
  }
})

test('its sweep file can be run', async () => {
  const [text = ''] = blocks('yaml')
  expect(parseSweepText(text).seeds).toBe(3)
  const cwd = emptyFolder()
  writeFileSync(join(cwd, 'batches.yaml'), text)
  const { code, stdout } = await mmgather(['sweep', 'batches.yaml', '--dry-run'], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^points +63 = 7 x 3 x 3 seeds; 63 to be run$/m)
})

test('its journal is one', () => {
  const [text = ''] = blocks('jsonc')
  const { header, entries } = parseJournal(text)
  expect(header.axes).toEqual([{ keys: ['cpus'], values: [[1], [2]] }])
  expect(entries.map((entry) => ('result' in entry ? 'result' : 'error'))).toEqual([
    'result',
    'error',
  ])
})
