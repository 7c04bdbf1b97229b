/**
 * The report of a run for people: what ran and how it ended, times, counts, locks, warnings, how to do it again.
 *
 * Owns what is shown and in which order. Invariant: no line has more than 80 columns, whatever the figures and names.
 */
import type { RunReport } from '@mmgather/core'
import { countersSection } from './counters.ts'
import { headSection } from './head.ts'
import { locksSection } from './locks.ts'
import type { Paint } from './paint.ts'
import { timesSection } from './times.ts'
import { wrapCommand, wrapWords } from './wrap.ts'

export interface ReportText {
  report: RunReport
  /** Runs before those of the report. */
  warmup: number
  /** Were the invariants checked after each run? */
  isVerified: boolean
  /** Was time by function asked for? */
  functions?: boolean
  /** The words of the command that does the same again. */
  reproduce: readonly string[]
}

/** The lines, without line ends. */
export function reportLines(text: ReportText, paint: Paint): string[] {
  const { report } = text
  const sections = [headSection(text, paint)]
  if (hasTimes(report)) sections.push(timesSection(report, paint))
  sections.push(countersSection(report, paint), locksSection(report, paint))
  if (report.warnings.length > 0) sections.push(warningLines(report.warnings, paint))
  sections.push([paint('bold', 'REPRODUCE'), ...wrapCommand(text.reproduce)])
  return sections.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]))
}

/** Without a run that came to its end there are no times, only the counts of what was done. */
function hasTimes({ time }: RunReport): boolean {
  return time.teardown.max > 0
}

function warningLines(warnings: readonly string[], paint: Paint): string[] {
  return warnings.flatMap((warning) => {
    const [first = '', ...rest] = wrapWords(warning, 'warning: ', '  ')
    return [first.replace(/^warning:/, (word) => paint('yellow', word)), ...rest]
  })
}
