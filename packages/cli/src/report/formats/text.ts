/**
 * A run or a sweep for terminals.
 */
import type { ReportInput } from '../../report-inputs.ts'
import { shellWords } from '../../shell.ts'
import type { Paint } from '../paint.ts'
import { sweepLines } from '../sweep/table.ts'
import { reportLines } from '../text.ts'

/** The lines, without line ends. */
export function inputLines(input: ReportInput, paint: Paint): string[] {
  if (input.kind === 'sweep') return sweepLines(input.journal, paint)
  const { report } = input
  const reproduce = shellWords(report.reproduce)
  return reportLines(
    {
      report,
      // a report does not say how many runs there were before its own
      warmup: 0,
      isVerified: !reproduce.includes('--no-verify'),
      functions: report.virtual?.functions !== undefined,
      reproduce,
    },
    paint,
  )
}
