/**
 * Tests of the table: what it shows, and that nothing makes it wider than 80 columns.
 */
import { COUNTER_KEYS, LOCK_CLASS_KEYS, type RunOutcome, type RunReport } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { plain } from '../../src/report/paint.ts'
import { reportLines } from '../../src/report/text.ts'
import { hugeReport, lock, sampleReport, virtualReport } from './sample-report.ts'

function lines(report: RunReport, reproduce = ['mmgather', 'run', 'exit-order0']): string[] {
  return reportLines({ report, warmup: 1, isVerified: true, reproduce }, plain)
}

function outcomeLines(outcome: RunOutcome): string[] {
  const all = lines(sampleReport({ outcome }))
  const start = all.findIndex((line) => line.startsWith('outcome'))
  return all.slice(start, all.indexOf('', start))
}

describe('the report as a table', () => {
  test('looks like this', async () => {
    const report = sampleReport({ warnings: ['something to know'], countersVary: ['batchPages'] })
    report.locks.splitQueue = lock(0, 0, 0)
    report.locks.lruvec = lock(9_999_999, 123_456_789, 1_234_567)
    await expect(`${lines(report).join('\n')}\n`).toMatchFileSnapshot('fixtures/report.txt')
  })

  test('has every counter and every lock class', () => {
    const text = lines(sampleReport()).join('\n')
    for (const key of COUNTER_KEYS) expect(text).toMatch(new RegExp(`\\b${key} +131,072\\b`))
    for (const key of LOCK_CLASS_KEYS) expect(text).toMatch(new RegExp(`^${key} +4,096 `, 'm'))
  })

  test('no line has more than 80 columns or ends in a space', () => {
    const reproduce = ['mmgather', 'run', `/a folder/${'long'.repeat(60)}.yaml`, '--cpus', '2']
    for (const report of [sampleReport(), hugeReport()]) {
      const all = lines(report, reproduce)
      expect(all.filter((line) => line.length > 80)).toEqual([])
      expect(all.filter((line) => line.endsWith(' '))).toEqual([])
    }
  })

  test('paints no character that takes a column', () => {
    const painted = reportLines(
      { report: sampleReport(), warmup: 1, isVerified: true, reproduce: [] },
      (style, text) => `<${style}>${text}</>`,
    )
    const plainAgain = painted.map((line) => line.replaceAll(/<[^>]*>/g, ''))
    expect(plainAgain).toEqual(lines(sampleReport(), []))
  })
})

describe('the outcome', () => {
  test('completed, with and without checks', () => {
    expect(outcomeLines({ kind: 'completed' })).toEqual([
      'outcome    completed, every invariant held',
    ])
    const text = reportLines(
      { report: sampleReport(), warmup: 0, isVerified: false, reproduce: [] },
      plain,
    )
    expect(text).toContain('outcome    completed, invariants not checked')
  })

  test('interrupted: how many runs there are, and no times without any', () => {
    expect(outcomeLines({ kind: 'interrupted', runsCompleted: 2 })).toEqual([
      'outcome    interrupted: 2 of 5 runs finished',
    ])
    const { time } = sampleReport()
    const none = lines(
      sampleReport({
        outcome: { kind: 'interrupted', runsCompleted: 0 },
        time: { ...time, teardown: { median: 0, min: 0, max: 0 }, perPage: null },
      }),
    )
    expect(none).toContain('outcome    interrupted: 0 of 5 runs finished')
    expect(none.join('\n')).toContain('COUNTS')
    expect(none.join('\n')).not.toContain('TIME')
  })

  test('violated: the rules, the first ten of many', () => {
    const violations = Array.from({ length: 12 }, (_, i) => ({ rule: `r${i}`, message: 'broken' }))
    const text = outcomeLines({ kind: 'violated', violations })
    expect(text.slice(0, 2)).toEqual(['outcome    violated: 12 invariants', '- r0: broken'])
    expect(text.slice(10)).toEqual(['- r9: broken', '- and 2 more, all with --json'])
  })

  test('failed: the CPU', () => {
    expect(outcomeLines({ kind: 'failed', cpu: 3, message: 'CPU 3: its thread ended' })).toEqual([
      'outcome    failed: CPU 3: its thread ended',
    ])
  })
})

describe('the report of a virtual run', () => {
  function virtualLines(report: RunReport, functions = true): string[] {
    return reportLines({ report, warmup: 0, isVerified: true, functions, reproduce: ['x'] }, plain)
  }

  test('looks like this', async () => {
    const text = `${virtualLines(virtualReport(4, 12_345)).join('\n')}\n`
    await expect(text).toMatchFileSnapshot('fixtures/virtual-report.txt')
  })

  test.for([1, 2, 8, 9, 1024])('with %d CPUs has at most 80 columns', (cpus) => {
    const plainReport = virtualReport(cpus, 98_765)
    const { perCpu, virtual } = virtualReport(cpus, 9.87e14)
    const huge = {
      ...hugeReport(),
      engine: 'virtual' as const,
      perCpu,
      ...(virtual && { virtual }),
    }
    for (const report of [plainReport, huge]) {
      const all = virtualLines(report)
      expect(all.filter((line) => line.length > 80)).toEqual([])
      expect(all.filter((line) => line.endsWith(' '))).toEqual([])
    }
  })

  test('has a matrix of who waited for whom for few CPUs, and pairs for many', () => {
    expect(virtualLines(virtualReport(8, 5)).join('\n')).toMatch(
      /^waits \\ holds +CPU 0 .* CPU 7$/m,
    )
    const many = virtualLines(virtualReport(9, 5)).join('\n')
    expect(many).not.toContain('waits \\ holds')
    expect(many).toMatch(/^and \d+ pairs more, with --json$/m)
  })

  test('of a run that was given up has counts and locks, no times', () => {
    const { time, ...rest } = virtualReport(2, 5)
    const given: RunReport = {
      ...rest,
      time: { ...time, teardown: { median: 0, min: 0, max: 0 }, perPage: null },
      outcome: { kind: 'deadlock', waits: ['CPU 0 waits', 'CPU 1 waits'] },
    }
    const text = virtualLines(given, false).join('\n')
    expect(text).toMatch(
      /^outcome +deadlock: 2 CPUs will never go on\n- CPU 0 waits\n- CPU 1 waits$/m,
    )
    expect(text).toMatch(/^LOCKS +con-bounces/m)
    expect(text).not.toMatch(/TIME|WHO|FUNCTIONS/)
  })
})
