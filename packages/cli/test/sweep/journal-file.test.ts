/**
 * Tests of the file of a journal: cut off anywhere, of others, in use, on a full disk.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { entryLine, headerLine, presetScenario, SWEEP_JOURNAL_SCHEMA } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { JournalFile, readJournalContent } from '../../src/sweep/journal-file.ts'
import { COMMAND, emptyFolder, LIMIT_MS, mmgather } from '../support.ts'
import { GRID, JOURNAL, journalOf, sortedLines, sweep, textOf } from './support.ts'

const NOBODY = 65534

const HEADER = headerLine({
  schema: SWEEP_JOURNAL_SCHEMA,
  version: '0.1.0',
  id: 'x',
  name: 'ö',
  description: '',
  set: {},
  axes: [],
  seeds: 3,
  scenario: presetScenario('exit-one-order0'),
  options: { verify: true },
  reproduce: '',
})

function line(seed: number): string {
  return entryLine(`key ${seed} ä`, { axes: {}, seed }, '{"error":{"kind":"bounds","message":"→"}}')
}

describe('a journal that is cut off', () => {
  test('at any byte is read to its last whole line, and goes on from there', async () => {
    const path = join(emptyFolder(), JOURNAL)
    const lines = [HEADER, line(1), line(2), line(3)]
    const whole = Buffer.from(lines.join(''))
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length))
      const journal = await JournalFile.open(path, [])
      const { wholeBytes, tornBytes, points, header } = journal.content
      expect(wholeBytes + tornBytes).toBe(length)
      const text = whole.subarray(0, wholeBytes).toString()
      const have = text.split('\n').length - 1
      expect(text).toBe(lines.slice(0, have).join(''))
      expect(points.size).toBe(Math.max(0, have - 1))
      expect(header === undefined).toBe(have === 0)
      journal.cut()
      for (const rest of lines.slice(have)) journal.append(rest)
      journal.close()
      expect(readFileSync(path).equals(whole)).toBe(true)
    }
  })

  test('is continued to the same lines', async () => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const whole = textOf(cwd)
    for (const length of [3, Math.floor(whole.length * 0.4), whole.length - 1]) {
      writeFileSync(join(cwd, JOURNAL), whole.slice(0, length))
      const { code, stderr } = await sweep(cwd)
      expect(code).toBe(0)
      expect(stderr).toMatch(/^j.jsonl: the last line is not whole: its \d+ bytes are cut off$/m)
      expect(sortedLines(textOf(cwd))).toEqual(sortedLines(whole))
    }
  })

  test('says where each line lies', () => {
    const path = join(emptyFolder(), JOURNAL)
    writeFileSync(path, HEADER + line(1) + line(2))
    const bytes = readFileSync(path)
    const { points } = readJournalContent(path)
    const found = [...points.values()].map(
      ({ at, length }) => `${bytes.subarray(at, at + length).toString()}\n`,
    )
    expect(found).toEqual([line(1), line(2)])
  })
})

describe('a file that cannot be the journal is refused and stays as it is', () => {
  const refusal = async (cwd: string, args: readonly string[] = []): Promise<string> => {
    const { code, stdout, stderr } = await sweep(cwd, args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    return stderr
  }

  test.for(['notes\n', 'no newline', '{"schema":"mmgather/run-report@1"}\n', '\n'])(
    '%j',
    async (text) => {
      const cwd = emptyFolder()
      writeFileSync(join(cwd, JOURNAL), text)
      expect(await refusal(cwd)).toMatch(/^error: --out j.jsonl: is no journal of a sweep; /)
      expect(textOf(cwd)).toBe(text)
    },
  )

  test('of another version', async () => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const other = textOf(cwd).replace('"version":"0.1.0","id":"', '"version":"0.0.9","id":"0')
    writeFileSync(join(cwd, JOURNAL), other)
    expect(await refusal(cwd)).toMatch(
      /^error: --out j.jsonl: was written by mmgather 0.0.9; this is 0.1.0, /,
    )
    expect(textOf(cwd)).toBe(other)
  })

  test.for([
    [['--jitter', '5'], 'is of a sweep with jitter as the scenario has it'],
    [
      ['--axis', 'lock=ttas'],
      'is of a sweep over cpus, order, processes; this is one over cpus, lock, order, processes',
    ],
    [['--seed', '9'], 'is of a sweep from seed 1 on'],
    [['--no-verify'], 'is of a sweep with other options: {"verify":true}'],
  ] as const)('of another sweep: %s', async ([args, why]) => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const before = textOf(cwd)
    expect(await refusal(cwd, args)).toBe(
      `error: --out j.jsonl: ${why}; name another file, or run what the journal was made by\n`,
    )
    expect(await refusal(cwd, [...args, '--dry-run'])).toContain(why)
    expect(textOf(cwd)).toBe(before)
  })

  test('that is damaged in the middle', async () => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const damaged = textOf(cwd).replace('"point":', '"point"')
    writeFileSync(join(cwd, JOURNAL), damaged)
    expect(await refusal(cwd)).toMatch(
      /^error: --out j.jsonl: line 2 is damaged; take it out, and its point is run again/,
    )
  })

  test('a folder, a device, a file in no folder', async () => {
    const cwd = emptyFolder()
    mkdirSync(join(cwd, 'folder'))
    const to = async (path: string) => (await mmgather([...GRID, '-o', path], { cwd })).stderr
    expect(await to('folder')).toMatch(/^error: --out folder: is a directory; /)
    expect(await to('/dev/full')).toMatch(/^error: --out \/dev\/full: is no regular file; /)
    expect(await to('no/j.jsonl')).toMatch(
      /^error: --out no\/j.jsonl: there is no such file or folder; /,
    )
    expect(readdirSync(cwd)).toEqual(['folder'])
  })

  test.skipIf(process.getuid?.() !== 0)('in a folder that nobody may write to', async () => {
    const cwd = emptyFolder()
    chmodSync(cwd, 0o555)
    const { code, stderr } = await sweep(cwd, [], { uid: NOBODY })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: --out j.jsonl: permission denied; /)
  })
})

test('two sweeps on one journal: the second is refused, the first loses nothing', async () => {
  const cwd = emptyFolder()
  const path = join(cwd, JOURNAL)
  const held = await JournalFile.open(path, [])
  held.append(HEADER)
  const { code, stderr } = await sweep(cwd)
  expect(code).toBe(2)
  expect(stderr).toBe(
    'error: --out j.jsonl: another sweep is writing to it; wait for that one, or name another file\n',
  )
  held.append(line(1))
  held.close()
  expect(readFileSync(path, 'utf8')).toBe(HEADER + line(1))
  const next = await JournalFile.open(path, [])
  next.close()
})

describe('a disk that is full', () => {
  test('ends the sweep; what is written is whole and can be continued', async () => {
    const cwd = emptyFolder()
    // writes past so many KiB fail with EFBIG, since its signal is ignored
    const command = ['node', ...COMMAND, ...GRID, '-o', JOURNAL]
      .map((word) => `'${word}'`)
      .join(' ')
    const env = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' }
    const script = `trap '' XFSZ; ulimit -f 20; exec ${command}`
    const { status, stderr } = spawnSync('bash', ['-c', script], {
      cwd,
      env,
      encoding: 'utf8',
      timeout: LIMIT_MS,
    })
    expect(stderr).toMatch(/^\d points were finished before that, and are kept$/m)
    expect(stderr).toMatch(/^error: --out j.jsonl: the file would be too large; /m)
    expect(status).toBe(2)
    const { entries } = journalOf(cwd)
    expect(entries.length).toBeGreaterThan(0)
    expect(entries.length).toBeLessThan(8)
    expect(textOf(cwd).endsWith('\n')).toBe(true)
    expect((await sweep(cwd)).code).toBe(0)
    expect(journalOf(cwd).entries).toHaveLength(8)
  })
})
