/**
 * Tests of `mmgather compare` on the real command: the table, the document, files, how it ends.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Comparison, ComparisonRow, RunReport } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather, SCENARIOS } from './support.ts'

const BOTH = ['--strategies', 'linux-6.5-laf,range-v1']
const ORDER3 = ['compare', 'exit-order3', ...BOTH, '--pages', '640']

async function comparisonOf(...args: string[]): Promise<Comparison> {
  const { code, stdout } = await mmgather([...args, '--json'])
  expect(code).toBe(0)
  return JSON.parse(stdout) as Comparison
}

function rowOf({ rows }: Comparison, key: string): ComparisonRow | undefined {
  return rows.find((row) => row.key === key)
}

describe('the table', () => {
  test('is the same at every try, and at most 80 columns wide', async () => {
    const [one, other] = await Promise.all([mmgather(ORDER3), mmgather(ORDER3)])
    expect({ code: one.code, stderr: one.stderr }).toEqual({ code: 0, stderr: '' })
    expect(one).toEqual(other)
    expect(one.stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(one.stdout).toMatch(/^TIME +linux-6.5-laf +range-v1$/m)
    expect(one.stdout).toMatch(/^rmapCalls +1,280 +\d+ +-\d+ %$/m)
    expect(one.stdout).not.toMatch(/^ptesCleared/m)
    expect(one.stdout).toMatch(/^\d+ figures that are equal under all strategies are left out; /m)
    expect(one.stdout).toContain(`\nREPRODUCE\n  mmgather ${ORDER3.join(' ').slice(0, 50)}`)
  })

  test('shows everything with --all', async () => {
    const { stdout } = await mmgather([...ORDER3, '--all'])
    expect(stdout).toMatch(/^ptesCleared +1,280 +1,280 +=$/m)
    expect(stdout).not.toContain('left out')
  })

  test('of one strategy says that there is nothing to compare', async () => {
    const { code, stdout } = await mmgather([
      'compare',
      '--pages',
      '64',
      '--strategies',
      'range-v1',
    ])
    expect(code).toBe(0)
    expect(stdout).toContain('one strategy: there is nothing to compare it to\n')
    expect(stdout).toMatch(/^ptesCleared +128$/m)
  })
})

describe('the document', () => {
  test('has the figures that run has', async () => {
    const runOf = async (strategy: string): Promise<RunReport> => {
      const args = ['run', 'exit-order3', '--pages', '640', '--engine', 'virtual', '--json']
      const { stdout } = await mmgather([...args, '--strategy', strategy])
      return JSON.parse(stdout) as RunReport
    }
    const [comparison, laf, range] = await Promise.all([
      comparisonOf(...ORDER3, '--seeds', '1'),
      runOf('linux-6.5-laf'),
      runOf('range-v1'),
    ])
    expect(comparison).toMatchObject({
      schema: 'mmgather/comparison@1',
      scenario: 'exit-order3',
      engine: 'virtual',
      runs: 1,
      virtual: { profile: 'skylake-104' },
      strategies: [
        { strategy: 'linux-6.5-laf', outcome: { kind: 'completed' }, runsCompleted: 1 },
        { strategy: 'range-v1', outcome: { kind: 'completed' }, runsCompleted: 1 },
      ],
    })
    const medians = (key: string) => rowOf(comparison, key)?.values.map((value) => value?.median)
    expect(medians('teardown')).toEqual([laf, range].map(({ time }) => time.teardown.median))
    expect(medians('rmapCalls')).toEqual([laf, range].map(({ counters }) => counters.rmapCalls))
    expect(medians('lruvec.waitNs')).toEqual(
      [laf, range].map(({ locks }) => locks.lruvec.waitNs.total),
    )
  })

  test('is the same whatever the order in which the runs end', async () => {
    const three = 'linux-6.5,linux-6.5-laf,range-v1'
    const args = ['compare', '--pages', '600', '--seeds', '2', '--strategies']
    const comparison = await comparisonOf(...args, three)
    const alone = await Promise.all(three.split(',').map((id) => comparisonOf(...args, id)))
    const spread = (row: ComparisonRow | undefined, i: number) => {
      const value = row?.values[i]
      return value && [value.median, value.min, value.max]
    }
    for (const row of comparison.rows) {
      const own = alone.map((one) => spread(rowOf(one, row.key), 0))
      expect(row.values.map((_, i) => spread(row, i))).toEqual(own)
    }
  })

  test('comes from live runs too', async () => {
    const live = ['--engine', 'live', '--runs', '2', '--warmup', '0']
    const comparison = await comparisonOf(...ORDER3, ...live)
    expect(comparison).toMatchObject({ engine: 'live', runs: 2 })
    expect(comparison.virtual).toBeUndefined()
    expect(rowOf(comparison, 'rmapCalls')?.values[0]).toMatchObject({ median: 1280, min: 1280 })
    expect(rowOf(comparison, 'teardown')?.values[1]?.median).toBeGreaterThan(0)
  })
})

describe('--out', () => {
  test('writes the document and prints the table', async () => {
    const cwd = emptyFolder()
    const { code, stdout, stderr } = await mmgather([...ORDER3, '--out', 'c.json'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'comparison written to c.json\n' })
    expect(stdout).toContain('COUNTS')
    const comparison = JSON.parse(readFileSync(join(cwd, 'c.json'), 'utf8')) as Comparison
    expect(comparison.rows.length).toBeGreaterThan(40)
  })

  test('on a full disk: the document is on stdout instead', async () => {
    const { code, stdout, stderr } = await mmgather([...ORDER3, '--out', '/dev/full'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: --out \/dev\/full: no space left on the device; /)
    expect(stderr).toContain('the JSON report is printed on stdout instead\n')
    expect((JSON.parse(stdout) as Comparison).schema).toBe('mmgather/comparison@1')
  })

  test('is refused before the first run, and leaves no file behind', async () => {
    const cwd = emptyFolder()
    const refused = await mmgather([...ORDER3, '--seeds', '1000000', '--out', 'no/c.json'], { cwd })
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    const tooMany = ['--engine', 'live', '--cpus', '500', '--out', 'c.json']
    expect((await mmgather([...ORDER3, ...tooMany], { cwd })).code).toBe(2)
    expect(readdirSync(cwd)).toEqual([])
  })
})

test('a strategy that breaks an invariant is named: exit code 3', async () => {
  const scenario = join(SCENARIOS, 'range-v1-pmd-then-pte.yaml')
  const { code, stdout, stderr } = await mmgather(['compare', scenario, ...BOTH])
  expect(code).toBe(3)
  expect(stdout).toMatch(/^outcome +range-v1: violated: 3 invariants\n- mapcount: /m)
  expect(stderr).toMatch(/^error: range-v1: violated: mapcount: /)
  expect(stderr).toMatch(/^reproduce: mmgather compare /m)
})
