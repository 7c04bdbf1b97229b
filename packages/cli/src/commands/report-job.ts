/**
 * What `mmgather report` does: reads the files, and writes them in the format that is asked for.
 */
import process from 'node:process'
import { UsageError } from '../errors.ts'
import { jsonParts } from '../io/json-text.ts'
import { openOutputFile } from '../io/output-file.ts'
import { printParts } from '../io/stdout.ts'
import { type Paint, paintFor, plain } from '../report/paint.ts'
import { type ReportInput, readReportInputs } from '../report-inputs.ts'
import type { ReportFlags, ReportFormat } from './report.ts'

export async function reportJob(paths: readonly string[], flags: ReportFlags): Promise<void> {
  const { out: path, format = formatOf(path) } = flags
  if (!flags.timeline && format !== 'html')
    throw new UsageError({
      field: '--no-timeline',
      problem: `is an option of the format html (this is ${format})`,
      hint: 'leave it out, or add --format html',
    })
  const inputs = await readReportInputs(paths)
  const taken = paths.map((input) => ({ path: input, is: 'a file that is read' }))
  const out = path === undefined ? undefined : openOutputFile('--out', path, taken)
  try {
    const paint = out === undefined ? paintFor(process.stdout) : plain
    const parts =
      format === 'html' ? await htmlParts(inputs, flags) : await partsOf(inputs, format, paint)
    if (out === undefined) await printParts(parts)
    else out.write(parts)
  } catch (error) {
    out?.discard()
    throw error
  }
}

/** The format that the name of a file asks for. */
function formatOf(path: string | undefined): ReportFormat {
  return /\.html?$/i.test(path ?? '') ? 'html' : 'text'
}

async function htmlParts(
  inputs: readonly ReportInput[],
  { timeline, quiet }: ReportFlags,
): Promise<Iterable<string>> {
  const { withTimelines } = await import('./report-timelines.ts')
  const { reportHtml } = await import('@mmgather/report')
  return reportHtml(timeline ? await withTimelines(inputs, quiet === true) : inputs)
}

async function partsOf(
  inputs: readonly ReportInput[],
  format: Exclude<ReportFormat, 'html'>,
  paint: Paint,
): Promise<Iterable<string>> {
  switch (format) {
    case 'text': {
      const { inputLines } = await import('../report/formats/text.ts')
      const sections = inputs.map((input) => inputLines(input, paint))
      return sections
        .flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]))
        .map((line) => `${line}\n`)
    }
    case 'markdown': {
      const { markdownParts } = await import('../report/formats/markdown.ts')
      return markdownParts(inputs)
    }
    case 'csv': {
      const { csvParts } = await import('../report/formats/csv.ts')
      return csvParts(inputs)
    }
    default:
      return jsonParts(inputs.length === 1 ? inputs[0] : inputs)
  }
}
