/**
 * runVirtual: tears down the processes of a scenario on virtual CPUs, in virtual time, and reports what happened.
 *
 * Everything in the report follows from the scenario, its seed, the options and the version: the same bytes on every
 * machine. Runs differ by their seed: run i has the scenario's seed + i. Runs on this thread and returns at the end.
 */

import { claimLines } from '../engines/virtual/line-users.ts'
import { costTable, nsOf } from '../engines/virtual/cost.ts'
import { cpusOf, type MachineProfile } from '../engines/virtual/profile.ts'
import { simulate, type Program, type Simulation } from '../engines/virtual/simulation.ts'
import { createMachine, populate, strategyOf } from '../engines/boot.ts'
import type { KernelModule } from '../engines/compiled-kernel.ts'
import { cpuMain } from '../generated/conditional/kernel/exit.ts'
import { findStrategy } from '../generated/conditional/mm/strategies/index.ts'
import { cpuMain as profiledCpuMain } from '../generated/profiled/kernel/exit.ts'
import { findStrategy as findProfiledStrategy } from '../generated/profiled/mm/strategies/index.ts'
import { assert } from '../lib/assert.ts'
import { Prng } from '../lib/prng.ts'
import { VERSION } from '../lib/version.ts'
import { LimitsError } from '../machine/limits-error.ts'
import type { Machine } from '../machine/machine.ts'
import { verify } from '../machine/verify/verify.ts'
import { collapsedStacks, functionCycles } from '../metrics/function-times.ts'
import type { LockSums } from '../metrics/lock-statistics.ts'
import { type CpuTimes, RunRecorder } from '../metrics/run-recorder.ts'
import {
  RUN_REPORT_SCHEMA,
  type FunctionTime,
  type RunOutcome,
  type RunReport,
} from '../metrics/run-report.ts'
import { addVirtualLocks, VirtualFigures } from '../metrics/virtual-figures.ts'
import { stepsOf } from '../scenario/program.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { bindVirtualTracer } from '../sync/virtual-profiled.ts'
import { queueCyclesMax } from '../sync/virtual-queue.ts'
import { type StartedTimeline, startTimeline, startTrace } from '../trace/start-trace.ts'
import type { TraceRecorder } from '../trace/trace-recorder.ts'
import {
  isTraced,
  type ResolvedVirtualOptions,
  resolveVirtualOptions,
  type RunVirtualOptions,
} from './virtual-options.ts'

/** More virtual CPUs than this have no number in the state of a cache line. */
export const VIRTUAL_CPUS_MAX = 1024
/** More than a clock can advance from one look at the bounds to the next. */
const CYCLES_BETWEEN_LOOKS = 2 ** 40

/**
 * Runs the scenario `runs` times. A run that breaks an invariant, deadlocks or reaches a bound ends the runs: see
 * `outcome`. Throws LimitsError (too many CPUs or pages), ScenarioError (unknown strategy), RangeError (an option out of
 * bounds).
 */
export function runVirtual(scenario: Scenario, options: RunVirtualOptions = {}): RunReport {
  const resolved = resolveVirtualOptions(options)
  checkCpus(scenario.machine.cpus)
  const session = new VirtualSession(scenario, resolved)
  return session.report(session.run())
}

function checkCpus(cpus: number): void {
  if (cpus <= VIRTUAL_CPUS_MAX) return
  throw new LimitsError({
    field: 'machine.cpus',
    value: `${cpus} CPUs`,
    allowed: `at most ${VIRTUAL_CPUS_MAX} with the virtual engine`,
    hint: 'use fewer CPUs',
  })
}

class VirtualSession {
  readonly #scenario: Scenario
  readonly #options: ResolvedVirtualOptions
  readonly #profile: MachineProfile
  readonly #machine: Machine
  readonly #recorder: RunRecorder
  readonly #figures: VirtualFigures
  #last: Simulation | undefined

  constructor(scenario: Scenario, options: ResolvedVirtualOptions) {
    const { strategy } = options
    this.#scenario = strategy === undefined ? scenario : { ...scenario, strategy: strategy.id }
    this.#options = options
    this.#profile = options.profile
    this.#machine = options.machine ?? createMachine(scenario, strategy)
    const mhz = this.#profile.mhz.value
    const addLocks = (into: LockSums): void => {
      if (this.#last !== undefined) addVirtualLocks(into, this.#last.locks, mhz)
    }
    this.#recorder = new RunRecorder(this.#machine, addLocks, options.samples)
    this.#figures = new VirtualFigures(scenario.machine.cpus, mhz)
  }

  run(): RunOutcome {
    const { runs, signal, onProgress } = this.#options
    for (let i = 0; i < runs; i++) {
      if (signal?.aborted === true) return { kind: 'interrupted', runsCompleted: i }
      onProgress?.(i / runs)
      const seed = seedOf(this.#scenario.seed, i)
      const outcome = this.#runOnce({ ...this.#scenario, seed }, i)
      if (outcome !== undefined) return outcome
    }
    return { kind: 'completed' }
  }

  /** One run; undefined: it went well. */
  #runOnce(scenario: Scenario, run: number): RunOutcome | undefined {
    const census = populate(this.#machine, scenario, this.#options.strategy)
    this.#options.onPopulated?.(this.#machine, census, run)
    const startCycles = this.#startCycles(scenario.seed)
    const { eventsMax, timeMaxNs, signal } = this.#options
    const trace = this.#startTrace(scenario)
    const timeline = this.#startTimeline(scenario)
    const simulation = simulate(this.#machine, {
      profile: this.#profile,
      program: this.#program(),
      module: this.#module(),
      prepare: () => {
        claimLines(!hasReclaim(scenario))
        bindVirtualTracer(trace ?? timeline?.recorder ?? null, scenario.machine.cpus)
      },
      startCycles,
      cyclesMax: Math.min(
        Math.floor((timeMaxNs * this.#profile.mhz.value) / 1000),
        queueCyclesMax(this.#scenario.machine.cpus) - CYCLES_BETWEEN_LOOKS,
      ),
      eventsMax,
      isAborted: () => signal?.aborted === true,
    })
    this.#options.onSimulated?.(run)
    const summary = trace?.close()
    if (summary !== undefined) this.#options.onTraced?.(summary)
    if (timeline !== undefined) this.#options.onTimeline?.(timeline.writer.timeline)
    this.#last = simulation
    const { end } = simulation
    if (end.kind === 'aborted')
      return { kind: 'interrupted', runsCompleted: this.#recorder.completed }
    if (end.kind === 'bug')
      return { kind: 'violated', violations: [{ rule: 'bug-on', message: end.message }] }
    if (end.kind !== 'completed') return end
    // checking a large machine takes seconds
    if (signal?.aborted === true)
      return { kind: 'interrupted', runsCompleted: this.#recorder.completed }
    this.#figures.add(simulation, startCycles)
    this.#recorder.add(this.#timesOf(simulation, startCycles))
    const violations = this.#options.verify ? verify(this.#machine, census) : []
    return violations.length === 0 ? undefined : { kind: 'violated', violations: [...violations] }
  }

  #startTrace(scenario: Scenario): TraceRecorder | undefined {
    const { trace } = this.#options
    return trace && startTrace(scenario, this.#profile.mhz.value, trace)
  }

  #startTimeline(scenario: Scenario): StartedTimeline | undefined {
    if (this.#options.onTimeline === undefined) return undefined
    const slotWords = (this.#options.strategy ?? strategyOf(scenario)).slotWords
    return startTimeline(scenario, this.#profile.mhz.value, slotWords)
  }

  #program(): Program {
    const { functions, strategy } = this.#options
    const { strategy: id } = this.#scenario
    const isProfiled = functions || isTraced(this.#options)
    // the two forms are of one type, and each calls only its own functions
    const found = strategy ?? (isProfiled ? findProfiledStrategy(id) : findStrategy(id))
    assert(found !== undefined, 'the strategy has no derived form', { strategy: id })
    const main = isProfiled ? profiledCpuMain : cpuMain
    return (cpu) => main(cpu, found)
  }

  /** The compiled program, if there is one that does the same. */
  #module(): KernelModule | undefined {
    const { kernel, functions, strategy, trace, onTimeline } = this.#options
    // functions are told apart, and operations seen one by one, in the profiled JavaScript form only
    if (functions || trace !== undefined || onTimeline !== undefined) return undefined
    if (strategy !== undefined) return undefined
    return kernel?.strategy === this.#scenario.strategy ? kernel.module : undefined
  }

  /** CPUs do not start in the same cycle. */
  #startCycles(seed: number): Float64Array {
    const cycles = Math.floor((this.#options.arrivalJitterNs * this.#profile.mhz.value) / 1000)
    const prng = new Prng(seed ^ 0x6a697474)
    return Float64Array.from({ length: this.#scenario.machine.cpus }, () => prng.below(cycles + 1))
  }

  #timesOf({ clocks }: Simulation, startCycles: Float64Array): CpuTimes[] {
    const mhz = this.#profile.mhz.value
    return Array.from(clocks, (end, cpu) => ({
      startNs: nsOf(startCycles[cpu] as number, { mhz }),
      endNs: nsOf(end, { mhz }),
    }))
  }

  report(outcome: RunOutcome): RunReport {
    const { time, ...figures } = this.#recorder.figures()
    const { cpus } = this.#scenario.machine
    const { strategyFile } = this.#options
    const bufferBytes = this.#machine.memory.buffer.byteLength
    const simulatedPages = this.#machine.globals.NR_PFNS
    return {
      schema: RUN_REPORT_SCHEMA,
      version: VERSION,
      scenario: this.#scenario,
      strategy: this.#scenario.strategy,
      ...(strategyFile !== undefined && { strategyFile }),
      engine: 'virtual',
      seed: this.#scenario.seed,
      runs: this.#options.runs,
      outcome,
      ...figures,
      time: { unit: 'ns', ...time, setup: 0 },
      memory: {
        bufferBytes,
        simulatedPages,
        bytesPerPage: simulatedPages === 0 ? 0 : bufferBytes / simulatedPages,
      },
      environment: {
        code: 'js',
        runtime: 'virtual time',
        platform: 'virtual',
        cpuModel: this.#profile.title,
        cores: cpusOf(this.#profile),
        pinned: true,
        pinnedNote: 'each virtual CPU is a CPU of the profile',
        cpusExceedCores: cpus > cpusOf(this.#profile),
      },
      virtual: {
        profile: this.#profile.name,
        mhz: this.#profile.mhz.value,
        arrivalJitterNs: this.#options.arrivalJitterNs,
        ...this.#figures.report(),
        ...this.#functions(),
      },
      warnings: this.#warnings(outcome),
      reproduce: this.#options.reproduce,
    }
  }

  /** Time by function, of the last run. */
  #functions(): { functions?: FunctionTime[]; stacks?: string[] } {
    if (!this.#options.functions || this.#last === undefined) return {}
    const costs = costTable(this.#profile)
    const functions = functionCycles(this.#last.profile).map((each) => ({
      ...each,
      inclusiveNs: nsOf(each.inclusiveNs, costs),
      exclusiveNs: nsOf(each.exclusiveNs, costs),
    }))
    return { functions, stacks: collapsedStacks(this.#last.profile) }
  }

  #warnings(outcome: RunOutcome): string[] {
    const { cpus } = this.#scenario.machine
    const { completed } = this.#recorder
    const has = cpusOf(this.#profile)
    const warnings: string[] = []
    if (cpus > has)
      warnings.push(
        `${cpus} CPUs on a profile of ${has}: those beyond lie on further sockets like its own`,
      )
    if (outcome.kind !== 'completed' && outcome.kind !== 'violated')
      warnings.push(
        `the figures are of ${completed} of ${this.#options.runs} runs${completed === 0 ? ', the counts of what was done until the end' : ''}`,
      )
    return warnings
  }
}

/** Seeds stay non-negative int32. */
function seedOf(seed: number, run: number): number {
  return (seed + run) & 0x7fffffff
}

/** Does a background actor work on the folios of others? */
function hasReclaim({ processes }: Scenario): boolean {
  return processes.some((group) => stepsOf(group).some(({ step }) => step.reclaim !== undefined))
}
