/**
 * The report of a run for people: what ran and how it ended, times, counts, locks, warnings, how to do it again.
 *
 * Owns what is shown and in which order. Invariant: no line has more than 80 columns, whatever the figures and names.
 */
import type { RunReport } from '@mmgather/core'
import type { Paint } from './paint.ts'
import { countersSection } from './counters.ts'
import { headSection } from './head.ts'
import { locksSection } from './locks.ts'
import { timesSection } from './times.ts'
import { functionsSection } from './virtual/functions.ts'
import { interruptsSection, lineTransfersSection } from './virtual/lines-interrupts.ts'
import { lockWaitsSection } from './virtual/lock-waits.ts'
import { virtualLocksSection } from './virtual/locks.ts'
import { timeStackSection } from './virtual/time-stack.ts'
import { warningLines, wrapCommand } from './wrap.ts'

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
  sections.push(countersSection(report, paint))
  if (report.virtual === undefined) sections.push(locksSection(report, paint))
  else sections.push(...virtualSections(text, paint))
  if (report.warnings.length > 0) sections.push(warningLines(report.warnings, paint))
  sections.push([paint('bold', 'REPRODUCE'), ...wrapCommand(text.reproduce)])
  return sections.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]))
}

function virtualSections({ report, functions }: ReportText, paint: Paint): string[][] {
  const finished = [timeStackSection, lockWaitsSection, lineTransfersSection, interruptsSection]
  return [
    virtualLocksSection(report, paint),
    ...(hasTimes(report) ? finished.map((section) => section(report, paint)) : []),
    ...(functions === true ? [functionsSection(report, paint)] : []),
  ]
}

/** Without a run that came to its end there are no times, only the counts of what was done. */
function hasTimes({ time }: RunReport): boolean {
  return time.teardown.max > 0
}
