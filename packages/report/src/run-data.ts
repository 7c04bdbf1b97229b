/**
 * From the report of a run to what the page shows of it.
 */
import { type RunReport, scenarioToInput, scenarioToText, type Timeline } from '@mmgather/core'
import type { RunData } from './report-data.ts'
import { packTimeline } from './timeline-data.ts'

/** Pairs of CPUs, and functions, that a page has at most. */
const LOCK_WAITS_MAX = 400
const FUNCTIONS_MAX = 60

export interface RunInput {
  source: string
  report: RunReport
  timeline?: Timeline
  /** Why there is none. */
  noTimeline?: string
}

export function runData(input: RunInput, label: string, family: number): RunData {
  const { source, report, timeline, noTimeline } = input
  const { scenario, strategy, engine, outcome, seed, runs, time, counters, locks } = report
  const isMeasured = time.teardown.max > 0
  return {
    label,
    source,
    family,
    scenarioName: scenario.name,
    strategy: report.strategyFile ?? strategy,
    engine,
    outcome: outcomeText(report),
    isCompleted: outcome.kind === 'completed',
    cpus: scenario.machine.cpus,
    processes: processesOf(report),
    seed,
    runs,
    teardownNs: isMeasured ? time.teardown : null,
    perPageNs: isMeasured ? time.perPage : null,
    ptesCleared: counters.ptesCleared,
    facts: factsOf(report),
    locks,
    counters: { ...counters, ...report.events },
    cpuTime: report.virtual?.cpuTime ?? [],
    lockWaits: (report.virtual?.lockWaits ?? []).slice(0, LOCK_WAITS_MAX),
    functions: (report.virtual?.functions ?? []).slice(0, FUNCTIONS_MAX),
    warnings: report.warnings,
    ...(timeline && { timeline: packTimeline(timeline) }),
    ...(noTimeline !== undefined && { noTimeline }),
    reproduce: report.reproduce,
    scenarioText: scenarioToText(scenarioToInput(scenario)),
  }
}

/** The same for runs of one family. */
export function familyText({ scenario, engine, virtual }: RunReport): string {
  const { seed: _seed, strategy: _strategy, machine, processes, ...rest } = scenario
  const { cpus: _cpus, ...otherMachine } = machine
  const groups = processes.map(({ count: _count, ...group }) => group)
  return JSON.stringify([rest, otherMachine, groups, engine, virtual?.profile])
}

export function processesOf({ scenario }: RunReport): number {
  return scenario.processes.reduce((sum, { count }) => sum + count, 0)
}

function outcomeText({ outcome, runs }: RunReport): string {
  switch (outcome.kind) {
    case 'completed':
      return 'completed'
    case 'interrupted':
      return `interrupted: ${outcome.runsCompleted} of ${runs} runs finished`
    case 'violated': {
      const [first] = outcome.violations
      return `violated: ${first?.rule}: ${first?.message}`
    }
    case 'deadlock':
      return `deadlock: ${outcome.waits.join('; ')}`
    default:
      return `${outcome.kind}: ${outcome.message}`
  }
}

function factsOf(report: RunReport): [string, string][] {
  const { version, environment, virtual, seed, runs, memory } = report
  const machine: [string, string][] =
    virtual === undefined
      ? [
          ['code', environment.code],
          ['runtime', environment.runtime],
          [
            'platform',
            `${environment.platform}, ${environment.cpuModel}, ${environment.cores} cores`,
          ],
          ['pinned', environment.pinned ? 'yes' : environment.pinnedNote],
        ]
      : [
          ['profile', `${virtual.profile} at ${virtual.mhz} MHz`],
          ['start jitter', `${virtual.arrivalJitterNs} ns`],
          ['events', String(virtual.events)],
        ]
  return [
    ['version', `mmgather ${version}`],
    ['runs', String(runs)],
    // in virtual time each run has a seed of its own
    ['seed', virtual !== undefined && runs > 1 ? `${seed} to ${seed + runs - 1}` : String(seed)],
    ...machine,
    ['simulated pages', String(memory.simulatedPages)],
  ]
}
