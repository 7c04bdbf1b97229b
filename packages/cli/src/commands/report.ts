/**
 * `mmgather report`: the flags of a report, and the help that explains them. What it does is in `report-job.ts`.
 */
import { type Command, Option } from '@commander-js/extra-typings'
import type { PictureWish } from '@mmgather/report/picture'
import { fileName, oneOf } from '../flags.ts'

/** The forms that a report is written in. */
export const REPORT_FORMATS = ['text', 'html', 'svg', 'markdown', 'csv', 'json'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** The charts that are drawn as pictures. */
export const CHART_NAMES = [
  'scaling',
  'figure',
  'time',
] as const satisfies readonly PictureWish['chart'][]
export type ChartName = (typeof CHART_NAMES)[number]

export interface ReportFlags {
  format?: ReportFormat
  out?: string
  chart?: ChartName
  figure?: string
  across?: string
  at?: string[]
  title?: string
  timeline: boolean
  quiet?: true
}

const HELP = `
FILE is a report (mmgather run --out), or a journal (mmgather sweep --out). text
is for terminals; html is one page with charts, that needs no network; markdown
for mail and merge requests; csv has a row for each run and point, with every
figure; json is everything in one document; svg is one chart, for a document:
scaling is throughput over CPUs, figure any figure over any axis, time where the
time of the CPUs went.

For its timeline, html does virtual runs again, which gives the same runs.

Examples:
  $ mmgather report scm.jsonl
  $ mmgather report scm.jsonl r.json -o report.html
  $ mmgather report scm.jsonl --chart scaling -o scm.svg
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
        .default(undefined, 'html to a FILE.html, svg to a FILE.svg, else text'),
    )
    .addOption(
      new Option('-o, --out <FILE>', 'write to FILE in place of stdout').argParser(
        fileName('--out'),
      ),
    )
    .addOption(
      new Option('--chart <NAME>', `svg: one of ${CHART_NAMES.join(', ')}`)
        .argParser(oneOf('--chart', CHART_NAMES))
        .default(undefined, 'figure with --figure, else scaling'),
    )
    .addOption(
      new Option('--figure <ID>', 'svg: the figure that is drawn').default(undefined, 'perPage'),
    )
    .addOption(
      new Option('--across <AXIS>', 'svg: the axis that goes across').default(
        undefined,
        'cpus if they vary',
      ),
    )
    .option('--at <AXIS=VALUE...>', 'svg: only points with this value')
    .option('--title <TEXT>', 'svg: in place of what is drawn')
    .option('--no-timeline', 'html: do no run again')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (files, options) => {
      // it loads the model, for which the help must not wait
      const { reportJob } = await import('./report-job.ts')
      await reportJob(files, options)
    })
}
