/**
 * calibrate: measures what operations cost on this machine, as far as a program in user space can.
 *
 * Order: a memory, two threads, then one figure after the other; nothing else runs meanwhile. The threads are gone
 * before the promise settles, however it does.
 */

import { allocateSharedMemory, type Distance, type SharedMemory } from '@mmgather/core'
import { cpus, freemem } from 'node:os'

import { usableCores } from '../environment.ts'
import { allowedCores } from '../pin.ts'
import { type CpuTopology, readCpuTopology } from './cpu-topology.ts'
import { Crew } from './crew.ts'
import type { SoloKind } from './requests.ts'
import { lessOf, type Sampled, sampledOf } from './sampled.ts'

export interface CalibrateOptions {
  /** Fewer samples, a smaller buffer: seconds become one, figures become rougher. */
  quick?: boolean
  /** Stops the measurement. */
  signal?: AbortSignal
  /** Called before each figure; fraction is done, 0 to 1. */
  onProgress?: (fraction: number, what: string) => void
}

/** The measurement was stopped by its signal. */
export class CalibrationStoppedError extends Error {
  override readonly name = 'CalibrationStoppedError'

  constructor() {
    super('the calibration was stopped')
  }
}

/** A line between two CPUs of this distance. */
export interface Transfer {
  readonly distance: Exclude<Distance, 0>
  readonly ns: Sampled
  /** Pairs of cores, as `0-1`. */
  readonly pairs: readonly string[]
}

/** Figures of this machine, all in nanoseconds. */
export interface Calibration {
  readonly cpuModel: string
  readonly cores: number
  readonly mhz: Sampled
  readonly access: Sampled
  readonly atomic: Sampled
  readonly unlock: Sampled
  readonly memory: Sampled
  readonly clearPage: Sampled
  readonly copyPage: Sampled
  /** Nearest first; empty if there is only one core. */
  readonly transfers: readonly Transfer[]
  /** A ticket lock from thread to thread, at the nearest distance; absent if there is only one core. */
  readonly handOver?: Sampled
  readonly topology: CpuTopology | undefined
  readonly bufferBytes: number
  /** What a reader of the figures should know. */
  readonly notes: readonly string[]
}

interface Plan {
  samples: number
  duoSamples: number
  /** Pairs of cores of each distance. */
  pairs: number
  bufferBytes: number
}

const MIB = 2 ** 20
const QUICK: Plan = { samples: 7, duoSamples: 11, pairs: 1, bufferBytes: 64 * MIB }
const FULL: Plan = { samples: 21, duoSamples: 51, pairs: 4, bufferBytes: 256 * MIB }
const BUFFER_MAX = 768 * MIB
const SOLO: readonly SoloKind[] = [
  'clock',
  'access',
  'atomic',
  'lock',
  'lockUnlock',
  'memory',
  'clearPage',
  'copyPage',
]

/**
 * Measures this machine. Takes a few seconds, a second if `quick`.
 *
 * Rejects with CalibrationStoppedError if the signal says so, and with what a measuring thread dies of.
 */
export async function calibrate(options: CalibrateOptions = {}): Promise<Calibration> {
  const { signal } = options
  const isStopped = (): boolean => signal?.aborted === true
  if (isStopped()) throw new CalibrationStoppedError()
  const topology = readCpuTopology()
  const plan = planOf(options.quick === true, topology)
  const memory = allocate(plan.bufferBytes)
  const crew = new Crew(memory)
  const stop = (): void => void crew.dismiss()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await measure(crew, plan, topology, memory, options)
  } catch (error) {
    throw isStopped() ? new CalibrationStoppedError() : error
  } finally {
    signal?.removeEventListener('abort', stop)
    await crew.dismiss()
  }
}

function planOf(isQuick: boolean, topology: CpuTopology | undefined): Plan {
  if (isQuick) return QUICK
  const beyondCache = Math.max(FULL.bufferBytes, 2 * (topology?.lastLevelBytes ?? 0))
  const room = Math.max(64 * MIB, freemem() / 4)
  return { ...FULL, bufferBytes: Math.min(beyondCache, BUFFER_MAX, room) }
}

/** As much as that, or less if the system refuses it. */
function allocate(bytes: number): SharedMemory {
  for (let size = bytes; ; size /= 2) {
    try {
      return allocateSharedMemory(Math.floor(size))
    } catch (error) {
      if (size <= 8 * MIB) throw error
    }
  }
}

async function measure(
  crew: Crew,
  plan: Plan,
  topology: CpuTopology | undefined,
  memory: SharedMemory,
  { onProgress }: CalibrateOptions,
): Promise<Calibration> {
  const cores = allowedCores()
  const pairs = pairsOf(cores, topology, plan.pairs)
  const steps = SOLO.length + pairs.length + 1
  let done = 0
  const next = (what: string): void => onProgress?.(done++ / steps, what)
  const [home = 0, other = home] = cores
  const pinning = await crew.pin([home, other])

  const solo = new Map<SoloKind, Sampled>()
  for (const kind of SOLO) {
    next(kind)
    solo.set(kind, sampledOf(await crew.alone(kind, plan.samples)))
  }
  const alone = (kind: SoloKind): Sampled => solo.get(kind) ?? sampledOf([])
  const hasTwo = usableCores() > 1
  const transfers = hasTwo ? await measureTransfers(crew, pairs, plan, next) : []
  next('lock hand-over')
  const handOver = hasTwo ? sampledOf(await crew.together('handOver', plan.duoSamples)) : undefined

  const figures = {
    mhz: inverse(alone('clock')),
    access: alone('access'),
    atomic: alone('atomic'),
    unlock: lessOf(alone('lockUnlock'), alone('lock')),
    memory: alone('memory'),
    clearPage: alone('clearPage'),
    copyPage: alone('copyPage'),
  }
  const sampled = [...Object.values(figures), ...transfers.map(({ ns }) => ns)]
  return {
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: usableCores(),
    ...figures,
    transfers,
    ...(handOver === undefined ? {} : { handOver }),
    topology,
    bufferBytes: memory.buffer.byteLength,
    notes: notesOf({ hasTwo, pinning, topology, memory, isNoisy: sampled.some((s) => s.isNoisy) }),
  }
}

type Pair = { distance: Exclude<Distance, 0>; cores: readonly [number, number] }

/** For each distance that there is, up to `most` pairs with the first core, spread evenly. */
function pairsOf(
  cores: readonly number[],
  topology: CpuTopology | undefined,
  most: number,
): Pair[] {
  const [home, ...others] = cores
  if (home === undefined || others.length === 0) return [{ distance: 2, cores: [0, 1] }]
  return ([1, 2, 3, 4] as const).flatMap((distance) => {
    const far = others.filter((core) => (topology?.distance(home, core) ?? 2) === distance)
    const count = Math.min(most, far.length)
    return Array.from({ length: count }, (_, i): Pair => {
      const at = Math.floor(((i + 0.5) * far.length) / count)
      return { distance, cores: [home, far[at] ?? home] }
    })
  })
}

/** The lock hand-over that follows is measured on the last pair's cores. */
async function measureTransfers(
  crew: Crew,
  pairs: readonly Pair[],
  plan: Plan,
  next: (what: string) => void,
): Promise<Transfer[]> {
  const samples = new Map<Transfer['distance'], { ns: number[]; pairs: string[] }>()
  for (const { distance, cores } of pairs.toReversed()) {
    next(`line from core ${cores[0]} to ${cores[1]}`)
    await crew.pin(cores)
    const ns = await crew.together('transfer', plan.duoSamples)
    const all = samples.get(distance) ?? { ns: [], pairs: [] }
    samples.set(distance, { ns: [...all.ns, ...ns], pairs: [...all.pairs, cores.join('-')] })
  }
  return [...samples]
    .map(([distance, all]) => ({ distance, ns: sampledOf(all.ns), pairs: all.pairs }))
    .toSorted((a, b) => a.distance - b.distance)
}

/** Operations in a microsecond, for a time of one in nanoseconds. */
function inverse(ns: Sampled): Sampled {
  return {
    ...ns,
    median: 1000 / ns.median,
    min: 1000 / ns.max,
    max: 1000 / ns.min,
  }
}

function notesOf(found: {
  hasTwo: boolean
  pinning: string | undefined
  topology: CpuTopology | undefined
  memory: SharedMemory
  isNoisy: boolean
}): string[] {
  const { hasTwo, pinning, topology, memory, isNoisy } = found
  const notes: string[] = []
  if (!hasTwo) notes.push('this process has one core only: nothing between two CPUs was measured')
  if (pinning !== undefined) notes.push(`threads were not pinned: ${pinning}`)
  if (topology === undefined) {
    notes.push('the system does not tell how its CPUs lie: one figure stands for all distances')
  } else if (memory.buffer.byteLength < 2 * topology.lastLevelBytes) {
    const [buffer, cache] = [memory.buffer.byteLength / MIB, topology.lastLevelBytes / MIB]
    notes.push(
      `the buffer of ${Math.round(buffer)} MiB is not twice the last-level cache of ` +
        `${Math.round(cache)} MiB: lines of it may have been in the cache`,
    )
  }
  if (isNoisy) {
    notes.push('the machine was noisy: some figures vary by more than a quarter; repeat it idle')
  }
  return notes
}
