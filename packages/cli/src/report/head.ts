/**
 * The head of the report: what ran where, and how it ended.
 */
import type { RunOutcome, RunReport, VirtualReport } from '@mmgather/core'
import type { Paint } from './paint.ts'
import type { ReportText } from './text.ts'
import { bytesText, countText, timeText } from './units.ts'
import { wrapWords } from './wrap.ts'

const VIOLATIONS_MAX = 10
export const LABEL_WIDTH = 11

export function headSection({ report, warmup, isVerified }: ReportText, paint: Paint): string[] {
  const { scenario, memory } = report
  const { machine } = scenario
  const processes = scenario.processes.reduce((sum, { count }) => sum + count, 0)
  const pages = countText(memory.simulatedPages)
  const facts: [string, string][] = [
    ['scenario', scenario.name],
    ['strategy', report.strategy],
    ['engine', engineText(report)],
    ['machine', `${machine.lock}, ${machine.pageTables} page tables, ${machine.memmap}`],
    [
      'processes',
      `${countText(processes)}, on ${pages} page frames; state ${bytesText(memory.bufferBytes)}`,
    ],
    [
      'runs',
      `${countText(report.runs)}${warmupText(warmup)}, ${seedsText(report.seed, report.runs, report.virtual)}`,
    ],
  ]
  const { style, text } = outcomeText(report.outcome, report.runs, isVerified)
  const lines = facts.flatMap(([label, value]) => labelled(label, value))
  const [first = '', ...rest] = labelled('outcome', text)
  return [
    ...lines,
    first.slice(0, LABEL_WIDTH) + paint(style, first.slice(LABEL_WIDTH)),
    ...rest.map((line) => paint(style, line)),
    ...violationLines(report.outcome),
  ]
}

export function labelled(label: string, value: string): string[] {
  return wrapWords(value, label.padEnd(LABEL_WIDTH), ' '.repeat(LABEL_WIDTH))
}

function warmupText(warmup: number): string {
  return warmup === 0 ? '' : ` after ${counted(warmup, 'warm-up run')}`
}

function engineText(report: RunReport): string {
  const { environment, virtual } = report
  const cpus = counted(report.scenario.machine.cpus, 'CPU')
  if (virtual !== undefined) return `virtual, ${cpus} of ${virtualMachineText(virtual)}`
  return `live, ${cpus} on ${counted(environment.cores, 'core')}, ${codeText(report)}, ${pinnedText(report)}`
}

/** `skylake-104 at 2,800 MHz`. */
export function virtualMachineText(virtual: Pick<VirtualReport, 'profile' | 'mhz'>): string {
  const { profile, mhz } = virtual
  return `${profile} at ${countText(mhz)} MHz`
}

/** Virtual runs differ by their seeds. */
export function seedsText(
  seed: number,
  runs: number,
  virtual: Pick<VirtualReport, 'arrivalJitterNs'> | undefined,
): string {
  if (virtual === undefined) return `seed ${seed}`
  const seeds = runs > 1 ? `seeds ${seed} to ${seed + runs - 1}` : `seed ${seed}`
  return `${seeds}, jitter ${timeText(virtual.arrivalJitterNs)}`
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

export function outcomeText(
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

export function violationLines(outcome: RunOutcome): string[] {
  if (outcome.kind === 'deadlock')
    return outcome.waits.flatMap((wait) => wrapWords(wait, '- ', '  '))
  if (outcome.kind !== 'violated') return []
  const { violations } = outcome
  const shown = violations.slice(0, VIOLATIONS_MAX)
  const lines = shown.flatMap(({ rule, message }) => wrapWords(`${rule}: ${message}`, '- ', '  '))
  const more = violations.length - shown.length
  return more > 0 ? [...lines, `- and ${countText(more)} more, all with --json`] : lines
}
