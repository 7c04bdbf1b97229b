/**
 * The timelines of a report's runs: each virtual run is done again, which gives the same run, and watched.
 *
 * Owns which runs that is possible for. Invariant: a run whose figures come out otherwise has no timeline, and the page
 * says why.
 */
import {
  findProfile,
  LimitsError,
  type MachineProfile,
  parseScenario,
  type RunReport,
  type Scenario,
  ScenarioError,
  scenarioLimits,
  scenarioToInput,
  type Timeline,
} from '@mmgather/core'
import type { ReportSource } from '@mmgather/report'
import type { ReportInput } from '../report-inputs.ts'
import { version } from '../version.ts'
import { watched } from './outputs.ts'

/** Timelines of one page. */
const TIMELINES_MAX = 4
/** Events of a run that takes a minute or so. */
const EVENTS_MAX = 50_000_000

export async function withTimelines(
  inputs: readonly ReportInput[],
  isQuiet: boolean,
): Promise<ReportSource[]> {
  const plans = planned(inputs)
  const total = plans.filter(({ profile }) => profile !== undefined).length
  if (total === 0) return plans.map(({ source }) => source)
  return watched(isQuiet, async ({ signal, onProgress }) => {
    const sources: ReportSource[] = []
    let done = 0
    for (const { source, profile } of plans) {
      if (profile === undefined || source.kind !== 'run') {
        sources.push(source)
        continue
      }
      const progress = (fraction: number): void =>
        onProgress((done + fraction) / total, `timeline ${done + 1} of ${total}`)
      sources.push({ ...source, ...(await timelineOf(source.report, profile, signal, progress)) })
      done++
    }
    return sources
  })
}

interface Planned {
  source: ReportSource
  /** Of the run that is to be done again. */
  profile?: MachineProfile
}

function planned(inputs: readonly ReportInput[]): Planned[] {
  let timelines = 0
  return inputs.map((source): Planned => {
    if (source.kind === 'sweep') return { source }
    const found = profileOf(source.report)
    const why =
      typeof found === 'string'
        ? found
        : timelines === TIMELINES_MAX
          ? `a report has those of ${TIMELINES_MAX} runs at most`
          : undefined
    if (why !== undefined) return { source: { ...source, noTimeline: why } }
    timelines++
    return { source, profile: found as MachineProfile }
  })
}

/** The machine on which the run can be done again, or why it cannot. */
function profileOf(report: RunReport): MachineProfile | string {
  const { virtual, outcome, strategyFile, version: written } = report
  if (virtual === undefined)
    return 'only a run in virtual time can be done again to draw it (mmgather run --trace samples a live one)'
  if (outcome.kind !== 'completed') return 'the run did not complete'
  if (strategyFile !== undefined) return 'its strategy is a file, which may have changed'
  if (written !== version()) return `it was made by mmgather ${written}, and this is ${version()}`
  if (virtual.events > EVENTS_MAX * report.runs) return 'the run is too long to be done again'
  return findProfile(virtual.profile) ?? `its profile ${virtual.profile} does not ship`
}

/** Does the first of the runs again. */
async function timelineOf(
  report: RunReport,
  profile: MachineProfile,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<{ report: RunReport; timeline?: Timeline; noTimeline?: string }> {
  const scenario = checkedScenario(report)
  if (scenario === undefined)
    return { report, noTimeline: 'this version does not take its scenario' }
  const { runVirtualInThread } = await import('@mmgather/workers')
  let timeline: Timeline | undefined
  const again = await runVirtualInThread(scenario, {
    profile,
    arrivalJitterNs: report.virtual?.arrivalJitterNs ?? 0,
    functions: true,
    verify: false,
    signal,
    onProgress: ({ fraction }) => onProgress(fraction),
    onTimeline: (made) => (timeline = made),
  })
  if (again.outcome.kind === 'interrupted') return { report, noTimeline: 'it was interrupted' }
  const isSame = report.runs > 1 || again.time.teardown.median === report.time.teardown.median
  if (timeline === undefined || !isSame)
    return { report, noTimeline: 'done again, the run came out otherwise' }
  return { report: withFunctions(report, again), timeline }
}

/** The scenario as a file of it would be read: a report may have been written or changed by anybody. */
function checkedScenario({ scenario }: RunReport): Scenario | undefined {
  try {
    const checked = parseScenario(scenarioToInput(scenario))
    scenarioLimits(checked)
    return checked
  } catch (error) {
    if (error instanceof ScenarioError || error instanceof LimitsError) return undefined
    throw error
  }
}

/** Times by function, if the report has none. */
function withFunctions(report: RunReport, { virtual: again }: RunReport): RunReport {
  const { virtual } = report
  if (virtual === undefined || virtual.functions !== undefined) return report
  return {
    ...report,
    virtual: { ...virtual, ...(again?.functions && { functions: again.functions }) },
  }
}
