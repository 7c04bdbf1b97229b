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
  refuseOthersOptions(format, flags)
  const inputs = await readReportInputs(paths)
  const taken = paths.map((input) => ({ path: input, is: 'a file that is read' }))
  const out = path === undefined ? undefined : openOutputFile('--out', path, taken)
  try {
    const paint = out === undefined ? paintFor(process.stdout) : plain
    const parts = await partsOf(inputs, format, { flags, paint })
    if (out === undefined) await printParts(parts)
    else out.write(parts)
  } catch (error) {
    out?.discard()
    throw error
  }
}

/** The format that the name of a file asks for. */
function formatOf(path: string | undefined): ReportFormat {
  if (/\.svg$/i.test(path ?? '')) return 'svg'
  return /\.html?$/i.test(path ?? '') ? 'html' : 'text'
}

const SVG_FLAGS = ['chart', 'figure', 'across', 'at', 'title'] as const

/** @throws UsageError for an option of another format. */
function refuseOthersOptions(format: ReportFormat, flags: ReportFlags): void {
  const refuse = (flag: string, of: ReportFormat): never => {
    throw new UsageError({
      field: flag,
      problem: `is an option of the format ${of} (this is ${format})`,
      hint: `leave it out, or add --format ${of}`,
    })
  }
  if (!flags.timeline && format !== 'html') refuse('--no-timeline', 'html')
  const wished = SVG_FLAGS.find((flag) => flags[flag] !== undefined)
  if (wished !== undefined && format !== 'svg') refuse(`--${wished}`, 'svg')
}

async function htmlParts(
  inputs: readonly ReportInput[],
  { timeline, quiet }: ReportFlags,
): Promise<Iterable<string>> {
  const { withTimelines } = await import('./report-timelines.ts')
  const { reportHtml } = await import('@mmgather/report')
  return reportHtml(timeline ? await withTimelines(inputs, quiet === true) : inputs)
}

async function svgParts(
  inputs: readonly ReportInput[],
  { chart, figure, across, at, title }: ReportFlags,
): Promise<Iterable<string>> {
  const { reportData } = await import('@mmgather/report')
  const { PictureError, reportSvg } = await import('@mmgather/report/picture')
  try {
    const wish = {
      chart: chart ?? (figure === undefined ? 'scaling' : 'figure'),
      ...(figure !== undefined && { figure }),
      ...(across !== undefined && { across }),
      ...(at !== undefined && { at }),
      ...(title !== undefined && { title }),
    } as const
    return [reportSvg(reportData(inputs), wish)]
  } catch (error) {
    if (!(error instanceof PictureError)) throw error
    const { field, problem, value, known, hint } = error.details
    throw new UsageError({
      field: field === 'sources' ? 'FILE' : `--${field}`,
      problem,
      ...(value !== undefined && { value }),
      ...(known !== undefined && { allowed: `one of ${known.join(', ')}` }),
      ...(hint !== undefined && { hint: hint.replace('fix an axis', 'fix an axis with --at') }),
      ...(value !== undefined && known !== undefined && { near: { written: value, known } }),
    })
  }
}

async function partsOf(
  inputs: readonly ReportInput[],
  format: ReportFormat,
  { flags, paint }: { flags: ReportFlags; paint: Paint },
): Promise<Iterable<string>> {
  switch (format) {
    case 'html':
      return htmlParts(inputs, flags)
    case 'svg':
      return svgParts(inputs, flags)
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
