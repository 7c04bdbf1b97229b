/**
 * The points of a sweep before they are run: what each will take, and why it is reused or run.
 *
 * Made line by line, for there may be a million.
 */
import type { LoadedSweep } from '../../sweep/load-sweep.ts'
import { durationText } from '../../sweep/pace.ts'
import type { Plan } from '../../sweep/plan.ts'
import { isDone, type PointState } from '../../sweep/states.ts'
import { LABEL_WIDTH, labelled } from '../head.ts'
import { bytesText, countText } from '../units.ts'
import { wrapWords } from '../wrap.ts'
import { type Failure, failureLines } from './failures.ts'
import { axisText, pointsText, shortPointWords } from './words.ts'

export interface PlanList {
  sweep: LoadedSweep
  plan: Plan
  states: readonly PointState[]
  threads: number
  /** Say why each point is reused or run. */
  explains: boolean
}

/** Lines with their ends. */
export function* planLines(list: PlanList): Generator<string> {
  const { sweep, plan, states, explains } = list
  for (const line of headLines(list)) yield `${line}\n`
  yield '\n'
  const width = String(plan.points.length).length
  for (const [i, { cost, error }] of plan.points.entries()) {
    const state = states[i] as PointState
    const does = isDone(state) ? 'reuse' : error === undefined ? 'run' : 'refuse'
    const takes = does === 'run' ? [durationText(cost.hostMs), bytesText(cost.bytes)] : ['', '']
    const [time = '', memory = ''] = takes
    const first = `${String(i + 1).padStart(width)}  ${does.padEnd(6)} ${time.padStart(8)} ${memory.padStart(9)}  `
    const why = explains ? `: ${state.why}` : ''
    for (const line of wrapWords(
      shortPointWords(plan.pointAt(i), sweep.axes) + why,
      first,
      ' '.repeat(first.length),
    ))
      yield `${line}\n`
  }
}

function headLines(list: PlanList): string[] {
  const { sweep, plan, states, threads } = list
  const missing = states.filter((state) => !isDone(state)).length
  const { hostMs, bytes } = estimateOf(list)
  const points = pointsText(plan.points.length, sweep.axes, sweep.seeds)
  return [
    ...labelled(
      'sweep',
      `${sweep.name}${sweep.name === sweep.scenario.name ? '' : `, ${sweep.scenario.name}`}`,
    ),
    ...sweep.axes.flatMap((axis) => labelled('axis', axisText(axis))),
    ...labelled('points', `${points}; ${countText(missing)} to be run`),
    ...failureLines(refusals(plan), ' '.repeat(LABEL_WIDTH)),
    ...labelled(
      'estimate',
      `${durationText(hostMs)} on ${threads} thread${threads > 1 ? 's' : ''}, at most ${bytesText(bytes)} of memory`,
    ),
  ]
}

function refusals(plan: Plan): Failure[] {
  return plan.points.flatMap(({ error }, i) =>
    error === undefined ? [] : [{ point: plan.pointAt(i), ...error }],
  )
}

/** Of what is to be run. */
function estimateOf({ plan, states, threads }: PlanList): { hostMs: number; bytes: number } {
  const costs = plan.points
    .filter((_, i) => !isDone(states[i] as PointState))
    .map(({ cost }) => cost)
  const total = costs.reduce((sum, { hostMs }) => sum + hostMs, 0)
  const longest = costs.reduce((max, { hostMs }) => Math.max(max, hostMs), 0)
  const largest = costs.map(({ bytes }) => bytes).sort((a, b) => b - a)
  return {
    hostMs: Math.max(longest, total / threads),
    bytes: largest.slice(0, threads).reduce((sum, each) => sum + each, 0),
  }
}

/** The same for programs. */
export function planDocument(list: PlanList) {
  const { sweep, plan, states, threads } = list
  return {
    schema: 'mmgather/sweep-plan@1',
    name: sweep.name,
    axes: sweep.axes,
    seeds: sweep.seeds,
    threads,
    estimate: estimateOf(list),
    points: plan.points.map(({ cost, error }, i) => {
      const state = states[i] as PointState
      const does = isDone(state) ? 'reuse' : error === undefined ? 'run' : 'refuse'
      return { ...plan.pointAt(i), key: plan.keyOf(i), does, why: state.why, ...cost }
    }),
  }
}
