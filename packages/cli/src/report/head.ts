/**
 * The head of the report: what ran where, and how it ended.
 */
import type { RunOutcome, RunReport } from '@mmgather/core'
import type { Paint } from './paint.ts'
import type { ReportText } from './text.ts'
import { bytesText, countText } from './units.ts'
import { wrapWords } from './wrap.ts'

const VIOLATIONS_MAX = 10
const LABEL = 11

export function headSection({ report, warmup, isVerified }: ReportText, paint: Paint): string[] {
  const { scenario, environment, memory } = report
  const { machine } = scenario
  const processes = scenario.processes.reduce((sum, { count }) => sum + count, 0)
  const pages = countText(memory.simulatedPages)
  const facts: [string, string][] = [
    ['scenario', scenario.name],
    ['strategy', report.strategy],
    [
      'engine',
      `${report.engine}, ${counted(machine.cpus, 'CPU')} on ${counted(environment.cores, 'core')}, ${codeText(report)}, ${pinnedText(report)}`,
    ],
    ['machine', `${machine.lock}, ${machine.pageTables} page tables, ${machine.memmap}`],
    [
      'processes',
      `${countText(processes)}, on ${pages} page frames; state ${bytesText(memory.bufferBytes)}`,
    ],
    ['runs', `${countText(report.runs)}${warmupText(warmup)}, seed ${report.seed}`],
  ]
  const { style, text } = outcomeText(report.outcome, report.runs, isVerified)
  const lines = facts.flatMap(([label, value]) => labelled(label, value))
  const [first = '', ...rest] = labelled('outcome', text)
  return [
    ...lines,
    first.slice(0, LABEL) + paint(style, first.slice(LABEL)),
    ...rest.map((line) => paint(style, line)),
    ...violationLines(report.outcome),
  ]
}

function labelled(label: string, value: string): string[] {
  return wrapWords(value, label.padEnd(LABEL), ' '.repeat(LABEL))
}

function warmupText(warmup: number): string {
  return warmup === 0 ? '' : ` after ${counted(warmup, 'warm-up run')}`
}

/** `WebAssembly`, or that it is not. */
function codeText({ environment }: RunReport): string {
  return environment.code === 'wasm' ? 'WebAssembly' : 'JavaScript'
}

function pinnedText({ environment }: RunReport): string {
  return environment.pinned ? `pinned, ${environment.pinnedNote}` : environment.pinnedNote
}

function counted(n: number, thing: string): string {
  return `${countText(n)} ${thing}${n === 1 ? '' : 's'}`
}

function outcomeText(
  outcome: RunOutcome,
  runs: number,
  isVerified: boolean,
): { style: 'green' | 'yellow' | 'red'; text: string } {
  if (outcome.kind === 'completed') {
    const checked = isVerified ? 'every invariant held' : 'invariants not checked'
    return { style: 'green', text: `completed, ${checked}` }
  }
  if (outcome.kind === 'interrupted') {
    const finished = `${countText(outcome.runsCompleted)} of ${counted(runs, 'run')}`
    return { style: 'yellow', text: `interrupted: ${finished} finished` }
  }
  if (outcome.kind === 'violated') {
    return { style: 'red', text: `violated: ${counted(outcome.violations.length, 'invariant')}` }
  }
  if (outcome.kind === 'deadlock') {
    return {
      style: 'red',
      text: `deadlock: ${counted(outcome.waits.length, 'CPU')} will never go on`,
    }
  }
  if (outcome.kind === 'bounds') return { style: 'red', text: `given up: ${outcome.message}` }
  return { style: 'red', text: `failed: ${outcome.message}` }
}

function violationLines(outcome: RunOutcome): string[] {
  if (outcome.kind === 'deadlock')
    return outcome.waits.flatMap((wait) => wrapWords(wait, '- ', '  '))
  if (outcome.kind !== 'violated') return []
  const { violations } = outcome
  const shown = violations.slice(0, VIOLATIONS_MAX)
  const lines = shown.flatMap(({ rule, message }) => wrapWords(`${rule}: ${message}`, '- ', '  '))
  const more = violations.length - shown.length
  return more > 0 ? [...lines, `- and ${countText(more)} more, all with --json`] : lines
}
