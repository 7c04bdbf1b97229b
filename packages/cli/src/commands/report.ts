/**
 * `mmgather report`: the flags of a report, and the help that explains them. What it does is in `report-job.ts`.
 */
import { type Command, Option } from '@commander-js/extra-typings'
import { fileName, oneOf } from '../flags.ts'

/** The forms that a report is written in. */
export const REPORT_FORMATS = ['text', 'html', 'markdown', 'csv', 'json'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

export interface ReportFlags {
  format?: ReportFormat
  out?: string
  timeline: boolean
  quiet?: true
}

const HELP = `
FILE is a report (mmgather run --out), or a journal (mmgather sweep --out). text
is for terminals; html is one page with charts, that needs no network; markdown
for mail and merge requests; csv has a row for each run and point, with every
figure; json is everything in one document.

For its timeline, html does virtual runs again, which gives the same runs.

Examples:
  $ mmgather report scm.jsonl
  $ mmgather report scm.jsonl r.json -o report.html
  $ mmgather report scm.jsonl --format csv --out scm.csv
  $ mmgather run --out r.json && mmgather report r.json --format markdown`

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .summary('print the figures of runs and sweeps')
    .description('Prints what reports of runs and journals of sweeps hold, in several formats.')
    .argument('<FILE...>', 'reports and journals; - for a report on stdin')
    .addOption(
      new Option('--format <NAME>', `one of ${REPORT_FORMATS.join(', ')}`)
        .argParser(oneOf('--format', REPORT_FORMATS))
        .default(undefined, 'html to a FILE.html, else text'),
    )
    .addOption(
      new Option('-o, --out <FILE>', 'write to FILE in place of stdout').argParser(
        fileName('--out'),
      ),
    )
    .option('--no-timeline', 'html: do no run again')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (files, options) => {
      // it loads the model, for which the help must not wait
      const { reportJob } = await import('./report-job.ts')
      await reportJob(files, options)
    })
}
