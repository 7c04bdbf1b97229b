/**
 * The discrete-event loop: runs every CPU's program in virtual time, always the CPU whose clock is earliest.
 *
 * A program is a generator of the conditional form: it performs its operations itself and comes back here where another
 * CPU is earlier, where it has to wait, and at its end. Invariants: a CPU is in the event queue, running, waiting (for a
 * lock or for acknowledgements), or done; the order of events depends on clocks and CPU numbers alone.
 */

import { CPU_BASE, CPU_STRIDE, NR_CPUS } from '../../machine/globals.ts'
import { LOCK_CLASS_KEYS } from '../../machine/counters.ts'
import type { Machine } from '../../machine/machine.ts'
import { KernelBugError } from '../../sync/live-cpu.ts'
import {
  bindVirtualClock,
  EndlessLoopError,
  enterCpu,
  leaveCpu,
  NR_ACCOUNTS,
  self,
} from '../../sync/virtual-clock.ts'
import {
  bindVirtualInterrupts,
  type InterruptFigures,
  takeStolen,
} from '../../sync/virtual-interrupts.ts'
import { bindVirtualLines, enterLines, transfersByDistance } from '../../sync/virtual-lines.ts'
import { bindVirtualProfile, type ProfileNode } from '../../sync/virtual-profile.ts'
import {
  bindVirtualSpinlocks,
  isRacing,
  retryLock,
  type SpinlockFigures,
} from '../../sync/virtual-spinlock.ts'
import { bindVirtualTlb } from '../../sync/virtual-tlb.ts'
import { bindVirtualWork } from '../../sync/virtual-work.ts'
import { setResult, type Steps } from '../../sync/virtual.ts'
import { costTable, topologyOf } from './cost.ts'
import { EventQueue } from './event-queue.ts'
import type { MachineProfile } from './profile.ts'
import { describeWaits } from './waits.ts'

/** What one CPU runs, given the address of its block. */
export type Program = (cpu: number) => Steps<void>

export interface SimulationOptions {
  readonly profile: MachineProfile
  readonly program: Program
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

/** What a simulation leaves behind; times in cycles. */
export interface Simulation {
  readonly end: SimulationEnd
  /** When each CPU was done. */
  readonly clocks: Float64Array
  readonly accounts: Float64Array
  readonly locks: SpinlockFigures
  readonly interrupts: InterruptFigures
  readonly transfers: Float64Array
  /** Times that a CPU was given the run. */
  readonly events: number
  readonly profile: ProfileNode
}

type Frame = Steps<number> | Steps<void>

const DONE = 2

/** So many events pass between two looks at the bounds. An event may take milliseconds of the host. */
const LOOK_EVERY = 32

/** Runs the bound, populated machine to its end. */
export function simulate(machine: Machine, options: SimulationOptions): Simulation {
  const cpus = NR_CPUS
  const costs = costTable(options.profile)
  const clocks = options.startCycles.slice()
  const queue = new EventQueue(clocks)
  const accounts = new Float64Array(cpus * NR_ACCOUNTS)
  bindVirtualClock({ clocks, accounts, wake: (cpu) => queue.push(cpu) })
  bindVirtualLines(machine.words.length, costs.lines, topologyOf(options.profile, cpus))
  const interrupts = bindVirtualInterrupts(cpus, costs.interrupts)
  const locks = bindVirtualSpinlocks(cpus, LOCK_CLASS_KEYS.length, costs.locks)
  bindVirtualTlb(costs.tlb)
  bindVirtualWork(costs.work)
  const profile = bindVirtualProfile(clocks)
  options.prepare?.()
  const loop = new EventLoop(queue, clocks, options)
  const end = loop.run()
  return {
    end,
    clocks,
    accounts,
    locks,
    interrupts,
    transfers: transfersByDistance(),
    events: loop.events,
    profile,
  }
}

class EventLoop {
  events = 0
  readonly #queue: EventQueue
  readonly #clocks: Float64Array
  /** By CPU: the innermost of the functions that it is in and that have frames of their own. */
  readonly #innermost: Frame[]
  /** Those around it, the nearest last. */
  readonly #callers: Frame[][]
  readonly #isDone: Uint8Array
  readonly #options: SimulationOptions
  #nextLook: number

  constructor(queue: EventQueue, clocks: Float64Array, options: SimulationOptions) {
    this.#queue = queue
    this.#clocks = clocks
    this.#options = options
    this.#nextLook = Math.min(LOOK_EVERY, options.eventsMax + 1)
    this.#isDone = new Uint8Array(clocks.length)
    this.#innermost = Array.from({ length: clocks.length }, (_, i) =>
      options.program(CPU_BASE + i * CPU_STRIDE),
    )
    this.#callers = Array.from({ length: clocks.length }, () => [])
    for (let cpu = 0; cpu < clocks.length; cpu++) queue.push(cpu)
  }

  run(): SimulationEnd {
    try {
      return this.#loop()
    } catch (error) {
      if (error instanceof KernelBugError) return { kind: 'bug', message: error.message, error }
      if (error instanceof EndlessLoopError) return { kind: 'bounds', message: error.message }
      if (isStackOverflow(error))
        return { kind: 'bounds', message: `CPU ${self} called functions too deeply: a recursion` }
      throw error
    }
  }

  #loop(): SimulationEnd {
    const queue = this.#queue
    while (queue.size > 0) {
      let cpu = queue.pop()
      // as long as the CPU that stops goes back to the queue, taking the next one out is the same step
      for (;;) {
        if (++this.events >= this.#nextLook) {
          const given = this.#lookAtBounds(cpu)
          if (given !== undefined) return given
        }
        if (!this.#step(cpu)) break
        cpu = queue.exchange(cpu)
      }
    }
    return this.#isDone.every((done) => done === 1)
      ? { kind: 'completed' }
      : { kind: 'deadlock', waits: describeWaits(this.#isDone) }
  }

  /** Lets a CPU run; true: it goes back to the queue. */
  #step(cpu: number): boolean {
    const stolen = takeStolen(cpu)
    if (stolen !== 0) {
      this.#clocks[cpu] = (this.#clocks[cpu] as number) + stolen
      return true
    }
    if (isRacing(cpu) && !retryLock(cpu)) return false
    enterCpu(cpu, this.#horizonOf(cpu))
    enterLines(cpu)
    const stopped = this.#resume(cpu)
    leaveCpu()
    if (stopped === DONE) this.#isDone[cpu] = 1
    return stopped === 0
  }

  /** Runs the innermost function of a CPU, those that it calls, and its callers, until the CPU stops. */
  #resume(cpu: number): 0 | 1 | typeof DONE {
    for (;;) {
      const step = (this.#innermost[cpu] as Frame).next()
      if (step.done !== true && typeof step.value === 'number') return step.value
      if (this.#changeFrame(cpu, step)) return DONE
    }
  }

  /** A function of its own frame is called, or has returned; true: the program is at its end. */
  #changeFrame(cpu: number, step: ReturnType<Frame['next']>): boolean {
    const callers = this.#callers[cpu] as Frame[]
    if (step.done !== true) {
      callers.push(this.#innermost[cpu] as Frame)
      this.#innermost[cpu] = step.value as Frame
      return false
    }
    setResult(step.value)
    const caller = callers.pop()
    if (caller === undefined) return true
    this.#innermost[cpu] = caller
    return false
  }

  /** The last clock at which this CPU is still first. */
  #horizonOf(cpu: number): number {
    if (this.#queue.size === 0) return Infinity
    const next = this.#queue.first
    const clock = this.#clocks[next] as number
    return next < cpu ? clock - 1 : clock
  }

  #lookAtBounds(cpu: number): SimulationEnd | undefined {
    const { cyclesMax, eventsMax, isAborted } = this.#options
    const clock = this.#clocks[cpu] as number
    if (isAborted?.() === true) return { kind: 'aborted' }
    if (clock > cyclesMax) {
      const ms = cyclesMax / (this.#options.profile.mhz.value * 1000)
      return { kind: 'bounds', message: `CPU ${cpu} ran past ${ms} ms of virtual time` }
    }
    if (this.events > eventsMax) return { kind: 'bounds', message: `more than ${eventsMax} events` }
    this.#nextLook = Math.min(this.events + LOOK_EVERY, eventsMax + 1)
    return undefined
  }
}

/** Text that ships does not recurse; a user's may. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack')
}
