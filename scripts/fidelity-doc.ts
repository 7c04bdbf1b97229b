/**
 * Writes docs/fidelity.md: which function of ours stands for which of the kernel's, how their counts compare, and what
 * the model does not have. With --check it only says whether the page is what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'

import {
  KERNEL_FUNCTIONS,
  type KernelFunction,
  UNCOUNTED_FUNCTIONS,
} from '../packages/core/src/fidelity/kernel-functions.ts'
import { TEXT_FUNCTIONS } from '../packages/core/src/fidelity/text-functions.ts'
import {
  type FidelityReport,
  type FidelityRow,
  isDifference,
  validate,
} from '../packages/core/src/fidelity/validate.ts'
import { FITTED, workloadWords } from '../packages/core/src/fidelity/workloads.ts'

const PAGE = new URL('../docs/fidelity.md', import.meta.url)
const MODEL = new URL('../docs/model.md', import.meta.url)
const WIDTH = 120

function page(report: FidelityReport): string {
  return [
    '# Fidelity',
    paragraph(
      'What mmgather counts, beside what real kernels count. `mmgather validate` runs the comparison and prints every row ' +
        '(exit code 3 if one differs that must be equal); this page says what stands for what. It is generated: ' +
        '`npm run check -- fidelity` holds it to the code, and with `--update` writes it.',
    ),
    '## Result',
    ...resultParts(report),
    '## Functions that were counted on real kernels',
    paragraph(
      'exact: the text has a function, or counts an event, for each call. simplified: the text does less or does it ' +
        'elsewhere, but as often. In the third column `name()` is how often our function runs, other names are counters and ' +
        'events of the report ([model.md](model.md#counters)). `tp_` marks tracepoints.',
    ),
    functionTable(KERNEL_FUNCTIONS),
    '## Functions for those who measure again',
    paragraph(
      'There are no real counts of these here. `mmgather run SCENARIO --engine virtual --functions --json` prints what stands ' +
        'in the third column.',
    ),
    functionTable(UNCOUNTED_FUNCTIONS),
    '## Other functions of the text',
    paragraph('A version is the first that has it; none: the same in all that are modelled.'),
    table(
      ['kernel function', 'version', 'here', 'standing', 'notes'],
      TEXT_FUNCTIONS.map((one) => [
        code(one.kernel),
        one.versions,
        code(one.ours),
        one.standing,
        one.why,
      ]),
    ),
    '## What the model does not have',
    modelSection('What is not'),
  ].join('\n\n')
}

function functionTable(functions: readonly KernelFunction[]): string {
  return table(
    ['kernel function', 'Linux', 'here', 'standing', 'notes'],
    functions.map((one) => [
      code(one.name),
      one.kernels.join(', '),
      `\`${one.ours}\``,
      one.standing,
      one.why,
    ]),
  )
}

function resultParts(report: FidelityReport): string[] {
  const real = report.rows.filter(({ kind }) => kind === 'real')
  const judged = real.filter(({ ours, repeatsAgree }) => ours !== null && repeatsAgree)
  const examples = report.rows.filter(({ kind }) => kind === 'example')
  const equal = (rows: readonly FidelityRow[]): string =>
    `${(rows.length - rows.filter(isDifference).length).toLocaleString('en')} of ${rows.length.toLocaleString('en')}`
  return [
    paragraph(
      `${equal(judged)} counts of real kernels are equal, and ${equal(examples)} counters of the worked examples, which are ` +
        'worked by hand from the rules of each kernel.',
    ),
    paragraph(`The real counts: ${report.origin}.`),
    table(['workload', 'what is torn down', 'Linux', 'functions', 'equal'], workloadRows(real)),
    paragraph(
      'Where the repeats did not agree, the real count is their median and their spread is not known, so nothing can be said ' +
        'of a difference. What per-CPU lists held before is not known either; the scenarios start with 63 pages:',
    ),
    table(
      ['Linux', 'workload', 'function', 'real (median)', 'here'],
      real
        .filter(({ repeatsAgree, ours }) => !repeatsAgree && ours !== null)
        .map((row) => [
          row.kernel,
          row.workload,
          code(row.function),
          String(row.real),
          String(row.ours),
        ]),
    ),
    ...Object.entries(FITTED).map(([workload, what]) => paragraph(`\`${workload}\`: ${what}.`)),
  ]
}

function workloadRows(real: readonly FidelityRow[]): string[][] {
  return Object.entries(workloadWords()).map(([workload, what]) => {
    const rows = real.filter((row) => row.workload === workload && row.repeatsAgree)
    const differ = rows.filter(isDifference).length
    return [
      workload,
      what,
      [...new Set(rows.map(({ kernel }) => kernel))].join(', '),
      String(rows.length),
      String(rows.length - differ),
    ]
  })
}

function modelSection(title: string): string {
  const text = readFileSync(MODEL, 'utf8')
  const [, section] = text.split(`## ${title}\n`)
  if (section === undefined) throw new Error(`docs/model.md has no section ${title}`)
  return (section.split('\n## ')[0] ?? '').trim()
}

function code(names: string): string {
  return names === ''
    ? '-'
    : names
        .split(', ')
        .map((name) => `\`${name}\``)
        .join(', ')
}

/** Words in lines of at most WIDTH characters. */
function paragraph(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) =>
    Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

const text = `${page(validate())}\n`
if (process.argv.includes('--check')) {
  if (readFileSync(PAGE, 'utf8') !== text) {
    console.error('docs/fidelity.md is not what the code says: npm run check -- fidelity --update')
    process.exitCode = 1
  }
} else {
  writeFileSync(PAGE, text)
}
