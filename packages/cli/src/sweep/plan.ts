/**
 * The plan of a sweep: for each point what it will take. Its scenario and its key are made anew when they are needed, for
 * threads wait for the plan.
 *
 * Invariant: the key of a point follows from its content alone, never from where files lie or how many points there are.
 */
import { createHash } from 'node:crypto'
import {
  type AxisValues,
  countPoints,
  DEFAULT_PROFILE,
  LimitsError,
  type MachineProfile,
  overrideScenario,
  pointAt,
  pointKeyTextBySeed,
  type Scenario,
  ScenarioError,
  type ScenarioOverrides,
  scenarioLimits,
  type SweepPoint,
  type SweepPointError,
} from '@mmgather/core'
import type { StrategyFile, SweepTask, SweepThreadData } from '@mmgather/workers'
import { version } from '../version.ts'
import { type Cost, costOf } from './cost.ts'
import type { LoadedSweep } from './load-sweep.ts'

/** A point that cannot be run has the reason in place of a cost. */
export interface PlannedPoint {
  cost: Cost
  error?: SweepPointError
}

export interface Plan {
  readonly points: readonly PlannedPoint[]
  pointAt(index: number): SweepPoint
  taskAt(index: number): SweepTask
  /** The hash of all that the point's result follows from. */
  keyOf(index: number): string
  readonly threadData: SweepThreadData
}

/** @throws ScenarioError or LimitsError if no point can be run. */
export function planSweep(sweep: LoadedSweep): Plan {
  const content = new SweepContent(sweep)
  const points: PlannedPoint[] = []
  let refused: unknown
  let runnable = 0
  for (let i = 0; i < countPoints(sweep.axes, sweep.seeds); i++) {
    const { planned, refused: thrown } = content.plan(i)
    points.push(planned)
    if (planned.error === undefined) runnable++
    else refused ??= thrown
  }
  if (runnable === 0) throw refused
  return {
    points,
    pointAt: (index) => content.pointAt(index),
    taskAt: (index) => content.taskAt(index),
    keyOf: (index) => content.keyOf(index),
    threadData: content.threadData,
  }
}

/** What the threads are given before there are points. */
export function threadDataOf({ strategyFiles }: LoadedSweep): SweepThreadData {
  return { strategyFiles: [...strategyFiles.values()] }
}

/** What the points of a combination share: all but their seed. */
interface Combination {
  number: number
  values: AxisValues
  file?: StrategyFile
  strategyFile?: number
  planned: PlannedPoint
  /** With a seed that is not the point's. If it cannot be run: the sweep's own. */
  scenario: Scenario
  /** The text whose hash is the key of the point with this seed. */
  keyText: (seed: number) => string
  /** Why it cannot be run, as it was thrown. */
  refused?: unknown
}

interface HashedProfile {
  profile: MachineProfile
  hash: string
}

class SweepContent {
  readonly threadData: SweepThreadData
  readonly #sweep: LoadedSweep
  readonly #version = version()
  readonly #profiles: ReadonlyMap<string, HashedProfile>
  readonly #fileNames: string[]
  /** The last one that was asked for: points come in their order. */
  #last: Combination | undefined

  constructor(sweep: LoadedSweep) {
    this.#sweep = sweep
    this.#fileNames = [...sweep.strategyFiles.keys()]
    this.threadData = threadDataOf(sweep)
    this.#profiles = new Map(
      [...sweep.profiles].map(([name, { profile }]) => [
        name,
        { profile, hash: sha256(JSON.stringify(profile)) },
      ]),
    )
  }

  pointAt(index: number): SweepPoint {
    const { axes, seeds, seed } = this.#sweep
    return pointAt(axes, seeds, seed, index)
  }

  taskAt(index: number): SweepTask {
    const { seed } = this.pointAt(index)
    const { scenario, values, strategyFile } = this.#combinationOf(index)
    return {
      scenario: { ...scenario, seed },
      profile: this.#profileOf(values).profile,
      options: this.#sweep.options,
      ...(strategyFile !== undefined && { strategyFile }),
      arrivalJitterNs: jitterOf(values),
    }
  }

  plan(index: number): { planned: PlannedPoint; refused?: unknown } {
    return this.#combinationOf(index)
  }

  keyOf(index: number): string {
    const point = this.pointAt(index)
    const { keyText, planned } = this.#combinationOf(index)
    const content = keyText(point.seed)
    return sha256(planned.error === undefined ? content : content + JSON.stringify(point))
  }

  #combinationOf(index: number): Combination {
    const number = Math.floor(index / this.#sweep.seeds)
    if (this.#last?.number !== number) this.#last = this.#combine(number, this.pointAt(index))
    return this.#last
  }

  #combine(number: number, { axes, seed }: SweepPoint): Combination {
    const values = { ...this.#sweep.set, ...axes }
    const { file, strategyFile } = this.#strategyOf(values)
    const shared = {
      number,
      values,
      ...(file && { file }),
      ...(strategyFile !== undefined && { strategyFile }),
    }
    const { profile: _, jitter: __, ...overrides } = values
    try {
      const scenario = overrideScenario(this.#sweep.scenario, {
        // the values of an axis were checked when it was read
        ...(overrides as ScenarioOverrides),
        ...(file && { strategy: file.id }),
        seed,
      })
      const cost = costOf(scenario, scenarioLimits(scenario, file?.kernel))
      const keyText = this.#keyText(values, file, scenario)
      return { ...shared, scenario, keyText, planned: { cost } }
    } catch (thrown) {
      const planned = { cost: { hostMs: 0, bytes: 0 }, error: refusal(thrown) }
      const { scenario } = this.#sweep
      const keyText = this.#keyText(values, file, scenario)
      return { ...shared, scenario, keyText, planned, refused: thrown }
    }
  }

  #strategyOf({ strategy }: AxisValues): { strategyFile?: number; file?: StrategyFile } {
    const at = this.#fileNames.indexOf(String(strategy))
    const file = this.threadData.strategyFiles[at]
    return file === undefined ? {} : { strategyFile: at, file }
  }

  #profileOf({ profile = DEFAULT_PROFILE }: AxisValues): HashedProfile {
    const found = this.#profiles.get(String(profile))
    if (found === undefined) throw new Error(`a profile that was not loaded: ${profile}`)
    return found
  }

  #keyText(values: AxisValues, file: StrategyFile | undefined, scenario: Scenario) {
    return pointKeyTextBySeed({
      scenario,
      version: this.#version,
      profile: this.#profileOf(values).hash,
      arrivalJitterNs: jitterOf(values),
      options: this.#sweep.options,
      ...(file && { strategySource: file.source }),
    })
  }
}

/** The engine's default, see RunVirtualOptions. */
const JITTER_NS = 1000

function jitterOf({ jitter = JITTER_NS }: AxisValues): number {
  return Number(jitter)
}

/** @throws what is no refusal of the scenario. */
function refusal(error: unknown): SweepPointError {
  if (error instanceof LimitsError) return { kind: 'limits', message: error.message }
  if (error instanceof ScenarioError) return { kind: 'scenario', message: error.message }
  throw error
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
