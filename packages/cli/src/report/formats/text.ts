/**
 * A run or a sweep for terminals.
 */
import type { ReportInput } from '../../report-inputs.ts'
import { shellWords } from '../../shell.ts'
import type { Paint } from '../paint.ts'
import { sweepLines } from '../sweep/table.ts'
import { reportLines } from '../text.ts'

/** The lines, without line ends. A file of somebody else's cannot send more to the terminal than colours. */
export function inputLines(input: ReportInput, paint: Paint): string[] {
  return linesOf(input, paint).map((line) => line.replaceAll(CONTROLS, '?'))
}

// oxlint-disable-next-line no-control-regex -- they are what this is about
const CONTROLS = /\u001b(?!\[\d+m)|[\u0000-\u001a\u001c-\u001f\u007f-\u009f]/g

function linesOf(input: ReportInput, paint: Paint): string[] {
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
