/**
 * The summary of a report in words: what was done, what it cost, what CPUs waited for, how it scales.
 */
import { LOCK_CLASS_KEYS, type LockClassKey } from '@mmgather/core'
import { sweepCurves } from './curves.ts'
import { countText, percentText, timeText } from './numbers.ts'
import type { RunData, SweepData } from './report-data.ts'
import { type CurvePoint, fitUsl } from './usl.ts'

/** Curves that the summary speaks of. */
const CURVES_MAX = 6
/** Curves that it looks at. */
const FITS_MAX = 60

export function runWords(run: RunData): string {
  const { cpus, processes, scenarioName, strategy, ptesCleared, teardownNs } = run
  const who = `${countText(cpus)} CPU${cpus === 1 ? '' : 's'} tore down ${countText(processes)} process${processes === 1 ? '' : 'es'}`
  const what = `${run.label}: ${who} of ${isolatedName(scenarioName)} under ${isolatedName(strategy)}`
  if (teardownNs === null) return `${what}, and no run was finished (${run.outcome}).`
  const time = run.engine === 'virtual' ? 'virtual time' : 'real time'
  const unit = run.runs > 1 ? `${time} (the median of ${countText(run.runs)} runs)` : time
  const page =
    run.perPageNs === null ? '' : `, ${timeText(run.perPageNs.median)} of CPU time a page`
  const ended = run.isCompleted ? '' : ` It did not complete: ${run.outcome}.`
  return `${what}: ${countText(ptesCleared)} pages in ${timeText(teardownNs.median)} of ${unit}${page}.${waitWords(run)}${ended}`
}

/** What CPUs waited for, if virtual time says so. */
function waitWords({ cpuTime, locks }: RunData): string {
  const total = cpuTime.reduce((sum, { totalNs }) => sum + totalNs, 0)
  if (total === 0) return ''
  const waited = LOCK_CLASS_KEYS.map((key): [LockClassKey, number] => [
    key,
    cpuTime.reduce((sum, { waitNs }) => sum + waitNs[key], 0),
  ]).toSorted(([, a], [, b]) => b - a)
  const all = waited.reduce((sum, [, ns]) => sum + ns, 0)
  const [worst, worstNs] = waited[0] as [LockClassKey, number]
  const transfer = cpuTime.reduce((sum, { transferNs }) => sum + transferNs, 0)
  if (all / total < 0.005)
    return ` CPUs hardly waited for locks (${percentText(all / total)} of their time); ${percentText(transfer / total)} went into fetching cache lines.`
  const { contended, acquisitions, waitNs } = locks[worst]
  const most = worstNs / all > 0.995 ? 'all of it' : `${percentText(worstNs / all)} of that`
  return ` They spent ${percentText(all / total)} of their time waiting for locks, ${most} for the ${worst} lock: ${percentText(contended / Math.max(1, acquisitions))} of its acquisitions had to wait, ${timeText(waitNs.avg)} on average and ${timeText(waitNs.max)} at most.`
}

export function sweepWords(sweep: SweepData): string[] {
  const { name, points, axes, errors, seeds } = sweep
  const whys = errors.map(
    ({ what, count, first }) => `${what} (${countText(count)}; the first: ${isolatedName(first)})`,
  )
  const varied = axes.map((axis) => `${axis.name} (${axis.values.length} values)`)
  const failed = errors.reduce((sum, { count }) => sum + count, 0)
  const head = `${sweep.label}: ${countText(points)} points of ${isolatedName(name)}, which varies ${varied.join(', ') || 'nothing'}${seeds > 1 ? `, with ${seeds} seeds each` : ''}${failed > 0 ? `; ${countText(failed)} have no figures: ${whys.join(', ')}` : ''}.`
  return [head, ...curveWords(sweep)]
}

function curveWords(sweep: SweepData): string[] {
  const curves = sweepCurves(sweep).filter(({ points }) => points.length > 1)
  const names = new Map<string, string[]>()
  for (const { name, points } of spreadOut(curves, FITS_MAX)) {
    const words = shapeWords(points)
    names.set(words, [...(names.get(words) ?? []), name])
  }
  const told = spreadOut([...names], CURVES_MAX)
  const lines = told.map(([words, [first = '', ...alike]]) => {
    const others =
      alike.length === 0
        ? ''
        : ` (and ${alike.length} more curve${alike.length === 1 ? '' : 's'} of the same shape)`
    return first === ''
      ? `Throughput ${words}`
      : `With ${isolatedName(first)}${others}, throughput ${words}`
  })
  const more = curves.length - told.reduce((sum, [, each]) => sum + each.length, 0)
  return more > 0 ? [...lines, `${more} further curves are in the chart.`] : lines
}

/** At most so many of a list, evenly from the first to the last. */
function spreadOut<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all]
  return Array.from(
    { length: most },
    (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as T,
  )
}

/** Where a curve is highest, how it ends, and its law. */
function shapeWords(points: readonly CurvePoint[]): string {
  const best = points.reduce((a, b) => (b.throughput > a.throughput ? b : a))
  const last = points.at(-1)
  const largest =
    last === undefined || best.cpus === last.cpus
      ? `is highest at the largest number of CPUs, ${best.cpus}`
      : `is highest at ${best.cpus} ${best.cpus === 1 ? 'CPU' : 'CPUs'} and ${percentText(1 - last.throughput / best.throughput)} lower at ${last.cpus}`
  const fit = fitUsl(points)
  if (fit === undefined) return `${largest}.`
  const law = `the Universal Scalability Law fits with σ = ${significant(fit.sigma)} and κ = ${significant(fit.kappa)} (R² = ${fit.r2.toFixed(3)})`
  const peak =
    fit.peakCpus === null
      ? ', without a peak'
      : `, with its peak at ${countText(Math.round(fit.peakCpus))} CPUs${fit.peakCpus > (last?.cpus ?? 0) ? ', beyond what was measured' : ''}`
  return `${largest}; ${law}${peak}.`
}

/** A name in a sentence: letters that are written from right to left do not turn their neighbours around. */
export function isolatedName(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? name : `\u2068${name}\u2069`
}

/** Three digits. */
function significant(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3)
}
