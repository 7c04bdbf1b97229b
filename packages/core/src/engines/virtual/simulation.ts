/**
 * The discrete-event loop: runs every CPU's program in virtual time, always the CPU whose clock is earliest.
 *
 * A program is a generator of the conditional form: it performs its operations itself and comes back here where another
 * CPU is earlier, where it has to wait, and at its end. Invariants: a CPU is in the event queue, running, waiting (for a
 * lock or for acknowledgements), or done; the order of events depends on clocks and CPU numbers alone.
 */

import { isStackOverflow } from '../../lib/stack-overflow.ts'
import { CPU_BASE, CPU_STRIDE, NR_CPUS } from '../../machine/globals.ts'
import { LOCK_CLASS_KEYS } from '../../machine/counters.ts'
import type { Machine } from '../../machine/machine.ts'
import { KernelBugError } from '../../sync/live-cpu.ts'
import { ArrayLayout, type ArraySource, SEPARATE_ARRAYS } from '../../sync/array-source.ts'
import { bindVirtualClock, clockOf, EndlessLoopError, self } from '../../sync/virtual-clock.ts'
import { bindVirtualCosts } from '../../sync/virtual-costs.ts'
import { bindVirtualInterrupts, type InterruptFigures } from '../../sync/virtual-interrupts.ts'
import { bindVirtualLines, lineOf } from '../../sync/virtual-lines.ts'
import {
  bindVirtualLockFigures,
  type LockClassFigures,
  lockClassFigures,
} from '../../sync/virtual-lock-figures.ts'
import { bindVirtualLoop, nextTurn, runEvents, startCpus } from '../../sync/virtual-loop.ts'
import { bindVirtualProfile, type ProfileNode } from '../../sync/virtual-profile.ts'
import { bindVirtualPrograms } from '../../sync/virtual-programs.ts'
import { bindVirtualQueue } from '../../sync/virtual-queue.ts'
import { bindVirtualSpinlocks } from '../../sync/virtual-spinlock.ts'
import { bindVirtualTlb } from '../../sync/virtual-tlb.ts'
import { bindVirtualWork } from '../../sync/virtual-work.ts'
import type { Steps } from '../../sync/virtual.ts'
import type { ArrayMemory } from '../array-memory.ts'
import type { KernelModule } from '../compiled-kernel.ts'
import {
  allocateArrayMemory,
  bindStacks,
  type EventLoop,
  instantiateLoop,
} from './compiled-loop.ts'
import { costTable, topologyOf } from './cost.ts'
import type { MachineProfile } from './profile.ts'
import { describeWaits } from './waits.ts'

/** What one CPU runs, given the address of its block. */
export type Program = (cpu: number) => Steps<void>

export interface SimulationOptions {
  readonly profile: MachineProfile
  readonly program: Program
  /** The same program with the loop of events, compiled (docs/wasm.md): it runs in place of `program`. */
  readonly module?: KernelModule | undefined
  /** Called when everything is bound, before the first event. */
  readonly prepare?: () => void
  /** Clock at which each CPU starts. */
  readonly startCycles: Float64Array
  /** The run is given up when a clock passes this. */
  readonly cyclesMax: number
  /** The run is given up after so many events. */
  readonly eventsMax: number
  /** Asked now and then: is the run to be given up? */
  readonly isAborted?: () => boolean
}

export type SimulationEnd =
  | { kind: 'completed' }
  | { kind: 'aborted' }
  | { kind: 'deadlock'; waits: string[] }
  | { kind: 'bounds'; message: string }
  | { kind: 'bug'; message: string; error: KernelBugError }

/** What a simulation leaves behind, until the next one in this thread; times in cycles. */
export interface Simulation {
  readonly end: SimulationEnd
  /** When each CPU was done. */
  readonly clocks: Float64Array
  readonly accounts: Float64Array
  readonly locks: readonly LockClassFigures[]
  /** Cycles that CPU w waited for locks that CPU h held when w came: at w * CPUs + h. */
  readonly waitedFor: Float64Array
  readonly interrupts: InterruptFigures
  readonly transfers: Float64Array
  /** Times that a CPU was given the run. */
  readonly events: number
  readonly profile: ProfileNode
}

/** So many events pass between two looks at the bounds. An event may take milliseconds of the host. */
const LOOK_EVERY = 32

/** Runs the bound, populated machine to its end. */
export function simulate(machine: Machine, options: SimulationOptions): Simulation {
  const { state, loop } = bindLoop(machine, options)
  const profile = bindVirtualProfile(options.startCycles)
  const watch = new Watch(loop, state.isDone, options)
  const end = watch.run()
  return { ...state, end, locks: lockClassFigures(), events: watch.events, profile }
}

/** Binds virtual time, and the loop of events in the form that was asked for. */
function bindLoop(machine: Machine, options: SimulationOptions) {
  const { program, startCycles, module } = options
  const arrays = module === undefined ? undefined : arrayMemory(machine, options, module)
  if (module === undefined || arrays === undefined) {
    const state = bindState(machine, options, SEPARATE_ARRAYS)
    options.prepare?.()
    bindVirtualPrograms(Array.from(startCycles, (_, cpu) => program(CPU_BASE + cpu * CPU_STRIDE)))
    return { state, loop: { startCpus, nextTurn, runEvents } }
  }
  const layout = new ArrayLayout(arrays.buffer)
  const state = bindState(machine, options, layout)
  bindStacks(module, startCycles.length, layout)
  options.prepare?.()
  return { state, loop: instantiateLoop(module, machine, arrays, layout.offsets) }
}

/** A memory for the arrays of virtual time; undefined: they do not fit into one. */
function arrayMemory(
  machine: Machine,
  options: SimulationOptions,
  module: KernelModule,
): ArrayMemory | undefined {
  const layout = new ArrayLayout()
  bindState(machine, options, layout)
  bindStacks(module, options.startCycles.length, layout)
  return allocateArrayMemory(layout.bytes)
}

/** All that virtual time keeps, at its start. */
function bindState(
  machine: Machine,
  { profile, startCycles }: SimulationOptions,
  arrays: ArraySource,
) {
  const cpus = NR_CPUS
  const costs = costTable(profile)
  const nrLines = lineOf(machine.words.length) + 1
  bindVirtualCosts(costs, nrLines)
  bindVirtualQueue(cpus, arrays)
  const { clocks, accounts } = bindVirtualClock(startCycles, arrays)
  const topology = topologyOf(profile, cpus)
  const transfers = bindVirtualLines(machine.words.length, costs.transfer, topology, arrays)
  const interrupts = bindVirtualInterrupts(cpus, arrays)
  bindVirtualLockFigures(LOCK_CLASS_KEYS.length, arrays)
  const waitedFor = bindVirtualSpinlocks(cpus, nrLines, arrays)
  bindVirtualTlb(arrays)
  bindVirtualWork(costs.work, arrays)
  const isDone = bindVirtualLoop(cpus, arrays)
  return { clocks, accounts, transfers, interrupts, waitedFor, isDone }
}

/** Runs events to the end, with a look at the bounds of the run now and then. */
class Watch {
  events = 0
  readonly #loop: EventLoop
  readonly #isDone: Int32Array
  readonly #options: SimulationOptions
  #nextLook: number

  constructor(loop: EventLoop, isDone: Int32Array, options: SimulationOptions) {
    this.#loop = loop
    this.#isDone = isDone
    this.#options = options
    this.#nextLook = Math.min(LOOK_EVERY, options.eventsMax + 1)
  }

  run(): SimulationEnd {
    try {
      return this.#run()
    } catch (error) {
      if (error instanceof KernelBugError) return { kind: 'bug', message: error.message, error }
      if (error instanceof EndlessLoopError) return { kind: 'bounds', message: error.message }
      if (isStackOverflow(error))
        return { kind: 'bounds', message: `CPU ${self} called functions too deeply: a recursion` }
      throw error
    }
  }

  #run(): SimulationEnd {
    const loop = this.#loop
    let cpu = loop.startCpus(this.#isDone.length)
    while (cpu >= 0) {
      // the event that comes next is the one at which to look
      if (this.events + 1 >= this.#nextLook) {
        this.events++
        const given = this.#lookAtBounds(cpu)
        if (given !== undefined) return given
        this.events--
      }
      this.events += loop.runEvents(Math.max(1, this.#nextLook - 1 - this.events))
      cpu = loop.nextTurn()
    }
    return this.#isDone.every((done) => done === 1)
      ? { kind: 'completed' }
      : { kind: 'deadlock', waits: describeWaits(this.#isDone) }
  }

  #lookAtBounds(cpu: number): SimulationEnd | undefined {
    const { cyclesMax, eventsMax, isAborted } = this.#options
    if (isAborted?.() === true) return { kind: 'aborted' }
    if (clockOf(cpu) > cyclesMax) {
      const ms = cyclesMax / (this.#options.profile.mhz.value * 1000)
      return { kind: 'bounds', message: `CPU ${cpu} ran past ${ms} ms of virtual time` }
    }
    if (this.events > eventsMax) return { kind: 'bounds', message: `more than ${eventsMax} events` }
    this.#nextLook = Math.min(this.events + LOOK_EVERY, eventsMax + 1)
    return undefined
  }
}
