/**
 * Notices CPUs that hang: those that change none of their words for a while although they have work.
 *
 * Looks at all words of a per-CPU block that belong to the CPU itself: engine words, events, vmstat, gather, pcp, MCS
 * nodes, lock statistics. Time counts only while the main thread looks (a look stands for a few intervals at most), so
 * that a process that was stopped and continued is not taken for one that hangs.
 */

import { CPU_HISTOGRAMS, cpuBlock, type Machine } from '@mmgather/core'

import { CPU_AT_BARRIER, cpuState } from './cpu-state.ts'
import { hasStarted } from './control-block.ts'

/** What one look stands for at most: a main thread that is held up for longer saw nothing of that time. */
const INTERVALS_MAX = 5

interface Seen {
  fingerprint: number
  unchangedMs: number
}

export class StallDetector {
  private readonly machine: Machine
  private readonly stallMs: number
  private readonly intervalMs: number
  private readonly seen: Seen[]
  private lastMs: number

  /**
   * @param stallMs - a CPU that changes nothing for so long hangs.
   * @param intervalMs - how often `look` is called.
   * @param nowMs - the time.
   */
  constructor(machine: Machine, stallMs: number, intervalMs: number, nowMs: number) {
    this.machine = machine
    this.stallMs = stallMs
    this.intervalMs = intervalMs
    this.lastMs = nowMs
    this.seen = Array.from({ length: machine.globals.NR_CPUS }, (_, cpu) => ({
      fingerprint: fingerprint(machine, cpu),
      unchangedMs: 0,
    }))
  }

  /** The CPU that has hung longest, if any has for `stallMs`. CPUs for which `idle` holds have nothing to do. */
  look(nowMs: number, idle: (cpu: number) => boolean): number | undefined {
    const passed = Math.min(nowMs - this.lastMs, INTERVALS_MAX * this.intervalMs)
    this.lastMs = nowMs
    const started = hasStarted(this.machine)
    let longest: number | undefined
    this.seen.forEach((seen, cpu) => {
      const now = fingerprint(this.machine, cpu)
      const waits = !started && cpuState(this.machine, cpu) === CPU_AT_BARRIER
      const moved = now !== seen.fingerprint || waits || idle(cpu)
      seen.fingerprint = now
      seen.unchangedMs = moved ? 0 : seen.unchangedMs + passed
      if (seen.unchangedMs < this.stallMs) return
      const before = longest === undefined ? 0 : (this.seen[longest]?.unchangedMs ?? 0)
      if (seen.unchangedMs > before) longest = cpu
    })
    return longest
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
