/**
 * Notices CPUs that hang: those that change none of their words for a while although they have work.
 *
 * Looks at all words of a per-CPU block that belong to the CPU itself: engine words, events, vmstat, gather, pcp, MCS
 * nodes, lock statistics. A CPU whose thread gets no core, or little of one, does not hang, and one that waits for a lock (it
 * naps between looks) hangs only if nobody gets on, for else the lock will come round to it. Where the system does not tell
 * how threads spend their time, more patience is all there is. Time counts only while the main thread looks, so that a
 * process that was stopped and continued is not taken for one that hangs.
 */

import { CPU_HISTOGRAMS, cpuBlock, type Machine } from '@mmgather/core'

import { hasStarted } from './control-block.ts'
import { CPU_AT_BARRIER, cpuState } from './cpu-state.ts'
import { readThreadClock, type ThreadClock, threadHabit } from './thread-clock.ts'

/** What one look stands for at most: a main thread that is held up for longer saw nothing of that time. */
const INTERVALS_MAX = 5
/** Of the stall time: one that runs hangs if it has had a core for so long. */
const RAN_PART = 0.5
/** Threads for each core up to which one gets its share within the stall time, where the system does not tell. */
const THREADS_PER_CORE = 4

export interface StallLimits {
  /** A CPU that changes nothing for so long hangs. */
  stallMs: number
  /** How often `look` is called. */
  intervalMs: number
  /** Cores that the threads share. */
  cores: number
}

type Condition = 'moves' | 'waits' | 'hangs'

interface Seen {
  fingerprint: number
  unchangedMs: number
  /** When it was first seen unchanged. */
  clock: ThreadClock | undefined
}

export class StallDetector {
  private readonly machine: Machine
  private readonly threadIds: readonly number[]
  private readonly limits: StallLimits
  private readonly seen: Seen[]
  private lastMs: number

  /** @param threadIds - of each CPU, in the operating system; 0 if unknown. */
  constructor(machine: Machine, threadIds: readonly number[], limits: StallLimits, nowMs: number) {
    this.machine = machine
    this.threadIds = threadIds
    this.limits = limits
    this.lastMs = nowMs
    this.seen = threadIds.map((_, cpu) => ({
      fingerprint: fingerprint(machine, cpu),
      unchangedMs: 0,
      clock: undefined,
    }))
  }

  /** The CPU that hangs, if any does; of several the one that has for longest. `idle`: it has nothing to do. */
  look(nowMs: number, idle: (cpu: number) => boolean): number | undefined {
    const passed = Math.min(nowMs - this.lastMs, INTERVALS_MAX * this.limits.intervalMs)
    this.lastMs = nowMs
    const busy = this.seen.flatMap((seen, cpu) => {
      this.update(seen, cpu, passed, idle(cpu))
      return idle(cpu) ? [] : [{ cpu, ...seen, condition: this.conditionOf(seen, cpu) }]
    })
    const hanging = busy.filter(({ condition }) => condition === 'hangs')
    // nobody gets on: those that wait do so in vain
    const inVain = busy.every(({ condition }) => condition !== 'moves') ? busy : []
    const candidates = hanging.length > 0 ? hanging : inVain
    return candidates.toSorted((a, b) => b.unchangedMs - a.unchangedMs)[0]?.cpu
  }

  private update(seen: Seen, cpu: number, passed: number, idle: boolean): void {
    const now = fingerprint(this.machine, cpu)
    const waits = !hasStarted(this.machine) && cpuState(this.machine, cpu) === CPU_AT_BARRIER
    if (now !== seen.fingerprint || waits || idle) {
      seen.fingerprint = now
      seen.unchangedMs = 0
      return
    }
    if (seen.unchangedMs === 0) seen.clock = readThreadClock(this.threadIds[cpu] ?? 0)
    seen.unchangedMs += passed
  }

  private conditionOf({ unchangedMs, clock }: Seen, cpu: number): Condition {
    const { stallMs, cores } = this.limits
    if (unchangedMs < stallMs) return 'moves'
    const now = readThreadClock(this.threadIds[cpu] ?? 0)
    if (clock === undefined || now === undefined) {
      const patience = Math.max(1, this.seen.length / (cores * THREADS_PER_CORE))
      return unchangedMs < stallMs * patience ? 'moves' : 'hangs'
    }
    const habit = threadHabit(clock, now, unchangedMs, stallMs * RAN_PART)
    if (habit === 'queues') return 'moves'
    return habit === 'naps' ? 'waits' : 'hangs'
  }
}

/** FNV-1a over a CPU's own words, up to the histograms. */
function fingerprint(machine: Machine, cpu: number): number {
  const at = cpuBlock(machine, cpu)
  let hash = 0x811c9dc5 | 0
  for (let i = 0; i < CPU_HISTOGRAMS; i++) {
    hash = Math.imul(hash ^ (machine.words[at + i] ?? 0), 0x01000193)
  }
  return hash
}
