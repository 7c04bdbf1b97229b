/**
 * Tests of the table of a comparison: how it looks, and that nothing makes it wider than 80 columns.
 */
import { compareReports, LOCK_CLASS_KEYS, type RunReport, type RunSample } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { comparisonLines } from '../../src/report/comparison.ts'
import { plain } from '../../src/report/paint.ts'
import { hugeReport, sampleReport } from './sample-report.ts'

function lines(reports: readonly RunReport[], showsAll = false): string[] {
  const comparison = compareReports(reports)
  return comparisonLines({ comparison, showsAll, reproduce: ['mmgather', 'compare', 'x'] }, plain)
}

/** A report whose runs differ in their times, rmap calls and lruvec waits. */
function report(strategy: string, factor: number, ...rest: number[]): RunReport {
  const base = sampleReport({ strategy })
  const sample = (f: number): RunSample => ({
    teardownNs: 1_000_000 * f,
    perPageNs: 100 * f,
    counters: { ...base.counters, rmapCalls: Math.round(131_072 * f) },
    locks: Object.fromEntries(
      LOCK_CLASS_KEYS.map((key) => [
        key,
        { acquisitions: 4096, contended: key === 'lruvec' ? Math.round(100 * f) : 0, waitNs: 5 },
      ]),
    ) as RunSample['locks'],
  })
  return { ...base, runs: 1 + rest.length, samples: [factor, ...rest].map(sample) }
}

describe('a comparison as a table', () => {
  test('looks like this', async () => {
    const reports = [
      report('linux-6.5-laf', 1, 0.9, 1.1),
      report('range-v1', 0.74, 0.7, 0.8),
      report('third', 1.05, 1, 1.2),
      report('fourth', 1.05, 1.3, 1.2),
    ]
    const text = `${lines(reports).join('\n')}\n`
    await expect(text).toMatchFileSnapshot('fixtures/comparison.txt')
  })

  test('no line has more than 80 columns or ends in a space', () => {
    const huge = (i: number): RunReport => {
      const samples = report('x', 9_876_543_210 * (i + 1), 1e-6).samples ?? []
      return { ...hugeReport(), runs: 2, samples }
    }
    for (const reports of [[report('a', 1)], [0, 1, 2, 3, 4].map(huge)]) {
      const all = lines(reports, true)
      expect(all.filter((line) => line.length > 80)).toEqual([])
      expect(all.filter((line) => line.endsWith(' '))).toEqual([])
    }
  })

  test('has dashes for a strategy of which no run was finished, and names it', () => {
    const none: RunReport = {
      ...report('b', 1),
      samples: [],
      outcome: { kind: 'interrupted', runsCompleted: 0 },
    }
    const text = lines([report('a', 1), none]).join('\n')
    expect(text).toMatch(/^outcome +b: interrupted: 0 of 1 run finished$/m)
    expect(text).toMatch(/^teardown +1.00 ms +-$/m)
    expect(lines([none, report('a', 1)]).join('\n')).toMatch(/^teardown +- +1.00 ms$/m)
  })
})
