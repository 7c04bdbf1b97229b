/**
 * One chart of a report as a picture: an SVG of its own, for documents.
 *
 * Owns which charts there are. The same sources and wish give the same picture, to the byte.
 */
import { type Curve, runCurves, sweepCurves } from '../curves.ts'
import type { ReportData, RunData, SweepData } from '../report-data.ts'
import { curvesOption } from './curves-option.ts'
import { type Drawing, type PictureWish, refuseTooMany } from './drawing.ts'
import { figureOption } from './figure-option.ts'
import { PictureError } from './picture-error.ts'
import { svgOf } from './svg.ts'
import { runTimeOption, sweepTimeOption } from './time-option.ts'
import { viewOf } from './view.ts'

/** @throws PictureError */
export function reportSvg(data: ReportData, wish: PictureWish): string {
  const { title, ...drawn } = drawingOf(data, wish)
  return svgOf({ ...drawn, title: wish.title ?? title }, subtitleOf(data, wish))
}

function drawingOf({ sweeps, runs }: ReportData, wish: PictureWish): Drawing {
  const [sweep] = sweeps
  if (sweeps.length > 1 || (sweep !== undefined && runs.length > 0))
    throw new PictureError({
      field: 'sources',
      problem: 'are too many for one picture',
      hint: 'name one journal, or reports of runs',
    })
  if (wish.figure !== undefined && wish.chart !== 'figure')
    throw new PictureError({
      field: 'figure',
      problem: `is an option of the chart figure (this is ${wish.chart})`,
      value: wish.figure,
    })
  return sweep === undefined ? drawingOfRuns(runs, wish) : drawingOfSweep(sweep, wish)
}

function drawingOfSweep(sweep: SweepData, wish: PictureWish): Drawing {
  switch (wish.chart) {
    case 'figure':
      return figureOption(viewOf(sweep, wish), wish.figure ?? 'perPage')
    case 'time':
      return sweepTimeOption(viewOf(sweep, wish))
    default: {
      if (wish.across !== undefined)
        throw new PictureError({
          field: 'across',
          problem: 'is no option of the chart scaling, whose CPUs go across',
          value: wish.across,
        })
      const curves = viewOf(sweep, wish).groups.map(({ name, cells }) => ({
        name,
        points: sweepCurves({ axes: sweep.axes, cells })[0]?.points ?? [],
      }))
      return scaling(curves)
    }
  }
}

function drawingOfRuns(runs: readonly RunData[], wish: PictureWish): Drawing {
  const [run] = runs
  for (const field of ['across', 'at'] as const)
    if (wish[field] !== undefined && wish[field].length > 0)
      throw new PictureError({ field, problem: 'is for the journal of a sweep' })
  if (wish.chart === 'scaling') return scaling(runCurves(runs))
  if (wish.chart === 'time' && run !== undefined && runs.length === 1) return runTimeOption(run)
  throw new PictureError({
    field: 'chart',
    problem: wish.chart === 'time' ? 'is drawn of one run' : 'is drawn of a sweep',
    value: wish.chart,
  })
}

function scaling(curves: readonly Curve[]): Drawing {
  const drawn = curves.filter(({ points }) => points.length > 1)
  if (drawn.length === 0)
    throw new PictureError({
      field: 'chart',
      problem: 'needs figures for different numbers of CPUs',
      value: 'scaling',
    })
  refuseTooMany(drawn.length)
  return curvesOption(drawn)
}

/** What was run, small. */
function subtitleOf({ sweeps, runs, version }: ReportData, { at = [] }: PictureWish): string {
  const [sweep] = sweeps
  const [run] = runs
  const all =
    sweep === undefined
      ? [
          run?.scenarioName ?? '',
          ...(runs.length === 1
            ? [
                run?.strategy ?? '',
                ...(run?.facts ?? [])
                  .filter(([name]) => name === 'profile')
                  .flat()
                  .slice(1),
              ]
            : []),
        ]
      : [
          sweep.name,
          ...sweep.facts
            .filter(([name]) => !['version', 'scenario', 'seeds'].includes(name))
            .map(([name, value]) => `${name} ${value}`),
          ...sweep.axes.flatMap(({ name, values }) =>
            values.length === 1 ? [`${name} ${values[0]?.text}`] : [],
          ),
          ...at.map((wish) => wish.replace('=', ' ')),
          ...(sweep.seeds > 1 ? [`medians of ${sweep.seeds} seeds`] : []),
        ]
  return [...all, `mmgather ${version}`].join(' · ')
}
