/**
 * Tests of `mmgather validate`: what it prints, its exit codes, and the names that it takes.
 */
import type { FidelityReport } from '@mmgather/core'
import { fidelityKernels, fidelityWorkloads } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { fidelityLines } from '../src/report/fidelity.ts'
import { plain } from '../src/report/paint.ts'
import { mmgather } from './support.ts'

test('the whole suite: every count is equal', async () => {
  const { code, stdout, stderr } = await mmgather(['validate'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.split('\n')
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  expect(lines).toContain('Linux 6.1, W2/munmap')
  expect(lines.find((line) => line.includes('counts are equal'))).toMatch(
    /^(\d+) of \1 .*, 0 differ$/,
  )
})

test('one workload of one kernel, as JSON', async () => {
  const { code, stdout } = await mmgather([
    'validate',
    '--kernel=6.12',
    '--workload=W1/munmap',
    '--json',
  ])
  const report = JSON.parse(stdout) as FidelityReport
  expect(code).toBe(0)
  expect(report.schema).toBe('mmgather/fidelity@1')
  expect(report.rows).toHaveLength(32)
  expect(report.rows[0]).toEqual({
    kind: 'real',
    kernel: '6.12',
    workload: 'W1/munmap',
    function: 'folio_remove_rmap_ptes',
    real: 1024,
    ours: 1024,
    repeatsAgree: true,
  })
})

test('--all has each counter of a worked example', async () => {
  const { stdout } = await mmgather(['validate', '--kernel=range-v1', '--workload=G.3', '--all'])
  expect(stdout).toMatch(/^range-v1, G\.3\n.*\n(?: .*\n)*  rmapCalls +129 +129 +0\n/)
})

describe('names', () => {
  test.each([
    [
      ['--kernel', '6.13'],
      /^error: --kernel: is not one of the values \(got "6\.13"\); .*did you mean 6\.1\?\n$/,
    ],
    [['--workload', 'W9'], /^error: --workload: is not one of the values \(got "W9"\)/],
    [
      ['--kernel', 'range-v1', '--workload', 'W1/munmap'],
      /^error: --workload: there is no such workload of kernel range-v1 \(got "W1\/munmap"\); allowed G\.2, /,
    ],
  ])('%j', async (args, message) => {
    const { code, stderr, stdout } = await mmgather(['validate', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  test('every kernel and workload', () => {
    expect(fidelityKernels()).toEqual(expect.arrayContaining(['6.1', '6.12', 'linux-6.18-npm']))
    expect(fidelityWorkloads()).toEqual(expect.arrayContaining(['G.13', 'W10/n9698']))
  })
})

describe('the table', () => {
  const row = {
    kind: 'real',
    kernel: '6.1',
    workload: 'W1',
    function: 'f',
    real: 5,
    repeatsAgree: true,
  } as const
  const report = (rows: FidelityReport['rows']): FidelityReport => ({
    schema: 'mmgather/fidelity@1',
    version: '0',
    origin: 'here',
    rows,
    differences: 1,
    unsettled: 1,
    fitted: { W9: 'nobody knows' },
  })

  test('differences, counts that we do not have, repeats that differ', () => {
    const rows = [
      { ...row, ours: 7 },
      { ...row, function: 'g', ours: null },
      { ...row, function: 'h', ours: 4, repeatsAgree: false },
    ]
    expect(fidelityLines(report(rows), false, plain)).toEqual([
      'Linux 6.1, W1',
      '  function    real    ours  difference',
      '  f              5       7           2',
      '  g              5       -           -',
      '  h              5       4          -1  repeats differ',
      '',
      'RESULT',
      '0 of 1 counts are equal, 1 differ',
      '1 have repeats that do not agree: medians, not judged',
      'W9: nobody knows',
      'Real counts: here.',
    ])
  })

  test('of a worked example only what differs', () => {
    const example = { ...row, kind: 'example' as const }
    const rows = [
      { ...example, ours: 5 },
      { ...example, function: 'g', ours: 6 },
    ]
    expect(fidelityLines(report(rows), false, plain)[2]).toBe(
      '  g              5       6           1',
    )
    expect(fidelityLines(report(rows.slice(0, 1)), false, plain)[0]).toBe(
      '6.1, W1: 1 counters equal',
    )
  })
})
