/**
 * From reports and journals to the data of one page.
 */
import { VERSION } from '@mmgather/core'
import { runComparisons, sweepComparison } from './comparison-data.ts'
import { REPORT_DATA_SCHEMA, type ReportData } from './report-data.ts'
import { familyText, runData, type RunInput } from './run-data.ts'
import { sweepData, type SweepInput } from './sweep-data.ts'
import { isolatedName, runWords, sweepWords } from './words.ts'

export type ReportSource = ({ kind: 'run' } & RunInput) | ({ kind: 'sweep' } & SweepInput)

/** The same sources give the same data. */
export function reportData(sources: readonly ReportSource[]): ReportData {
  const runInputs = sources.filter((each) => each.kind === 'run')
  const sweepInputs = sources.filter((each) => each.kind === 'sweep')
  const families = runInputs.map(({ report }) => familyText(report))
  const runs = runInputs.map((input, i) =>
    runData(input, labelOf('Run', i, runInputs.length), families.indexOf(families[i] ?? '')),
  )
  const sweeps = sweepInputs.map((input, i) =>
    sweepData(input, labelOf('Sweep', i, sweepInputs.length)),
  )
  const names = [...runs.map((run) => run.scenarioName), ...sweeps.map((sweep) => sweep.name)]
  return {
    schema: REPORT_DATA_SCHEMA,
    version: VERSION,
    title: [...new Set(names)].map(isolatedName).join(', '),
    summary: [...runs.map(runWords), ...sweeps.flatMap(sweepWords)],
    runs,
    sweeps,
    comparisons: [
      ...runComparisons(runInputs),
      ...sweeps.flatMap((sweep) => sweepComparison(sweep) ?? []),
    ],
  }
}

/** `Run`, or `Run 2` if there are several. */
function labelOf(word: string, i: number, count: number): string {
  return count === 1 ? word : `${word} ${i + 1}`
}
