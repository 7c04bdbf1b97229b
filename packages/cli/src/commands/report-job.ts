/**
 * What `mmgather report` does: reads the files, and writes them in the format that is asked for.
 */
import process from 'node:process'
import { jsonParts } from '../io/json-text.ts'
import { openOutputFile } from '../io/output-file.ts'
import { printParts } from '../io/stdout.ts'
import { type Paint, paintFor, plain } from '../report/paint.ts'
import { type ReportInput, readReportInputs } from '../report-inputs.ts'
import type { ReportFormat } from './report.ts'

export async function reportJob(
  paths: readonly string[],
  { format, out: path }: { format: ReportFormat; out?: string },
): Promise<void> {
  const inputs = await readReportInputs(paths)
  const taken = paths.map((input) => ({ path: input, is: 'a file that is read' }))
  const out = path === undefined ? undefined : openOutputFile('--out', path, taken)
  try {
    const parts = await partsOf(
      inputs,
      format,
      out === undefined ? paintFor(process.stdout) : plain,
    )
    if (out === undefined) await printParts(parts)
    else out.write(parts)
  } catch (error) {
    out?.discard()
    throw error
  }
}

async function partsOf(
  inputs: readonly ReportInput[],
  format: ReportFormat,
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
    case 'json':
      return jsonParts(inputs.length === 1 ? inputs[0] : inputs)
  }
}
