/**
 * From the figures of this machine to its profile: what was measured, and for the rest what the nearest shipped profile
 * has.
 *
 * Invariant: every figure's source says whether it was measured here or whose it is. Costs that are taken over keep
 * their time, so their cycles are scaled by the clock.
 */

import {
  cpusOf,
  type CycleKey,
  type Distance,
  findProfile,
  type MachineProfile,
  PROFILE_SCHEMA,
  type ProfileCycles,
  type ProfileTopology,
  profiles,
  type Sourced,
} from '@mmgather/core'

import type { Calibration } from './calibrate.ts'
import type { Sampled } from './sampled.ts'

export interface Platform {
  readonly platform: string
  readonly arch: string
}

/** The shipped profile whose machine is most like this one. */
export function nearestProfile(
  { cpuModel, topology }: Pick<Calibration, 'cpuModel' | 'topology'>,
  { platform, arch }: Platform,
): MachineProfile {
  const found = findProfile(nearestName(cpuModel, topology?.shape.sockets ?? 1, platform, arch))
  const [first] = profiles
  if (found !== undefined) return found
  if (first === undefined) throw new Error('no profile ships')
  return first
}

function nearestName(cpuModel: string, sockets: number, platform: string, arch: string): string {
  if (platform === 'darwin') return 'apple-m2'
  if (arch === 'arm64') return 'altra-80'
  if (/\bAMD\b|EPYC|Ryzen/.test(cpuModel)) return 'epyc-zen4'
  return sockets > 1 ? 'skylake-104' : 'xeon-4210r'
}

/** What is measured, in the order of a profile. */
const MEASURED = ['access', 'atomic', 'unlock', 'memory', 'clearPage', 'copyPage'] as const

const TRANSFER_KEYS = {
  1: 'transferSmt',
  2: 'transferCluster',
  3: 'transferSocket',
  4: 'transferRemote',
} as const satisfies Record<Exclude<Distance, 0>, CycleKey>

const HOW: Record<(typeof MEASURED)[number], string> = {
  access: 'dependent loads from the first-level cache',
  atomic: 'locked exchanges of one word, one after the other',
  unlock: 'a releasing store after a compare-exchange, without the latter',
  memory: 'one load from each line of a large buffer, in order',
  clearPage: 'zeroing a large buffer in pieces of 4 KiB',
  copyPage: 'copying a large buffer in pieces of 4 KiB',
}

/** The profile `host`. */
export function hostProfile(calibration: Calibration, nearest: MachineProfile): MachineProfile {
  const mhz = Math.max(1, Math.round(calibration.mhz.median))
  const cyclesOf = (sampled: Sampled): number =>
    Math.max(1, Math.round((sampled.median * mhz) / 1000))
  const cycles: Record<CycleKey, Sourced> = { ...takenOver(nearest, mhz) }
  for (const key of MEASURED) {
    cycles[key] = {
      value: cyclesOf(calibration[key]),
      source: measured(calibration[key], HOW[key]),
    }
  }
  for (const { distance, ns, pairs } of calibration.transfers) {
    const how = `a compare-exchange in turns, one way, between cores ${pairs.join(', ')}`
    cycles[TRANSFER_KEYS[distance]] = { value: cyclesOf(ns), source: measured(ns, how) }
  }
  return {
    schema: PROFILE_SCHEMA,
    name: 'host',
    title: titleOf(calibration),
    description: descriptionOf(calibration, nearest),
    mhz: { value: mhz, source: 'measured: additions that wait for each other, one cycle each' },
    topology: topologyOf(calibration),
    tlbFlush: nearest.tlbFlush,
    cycles: withWaiters({ ...cycles, ...inOrder(cycles, calibration) }, calibration),
  }
}

/** Which figures of the host's profile come from the shipped one of this name. */
export function keysTakenOver({ cycles }: MachineProfile, shipped: string): CycleKey[] {
  const all = Object.entries(cycles) as [CycleKey, Sourced][]
  return all.filter(([, { source }]) => source.startsWith(`from ${shipped}, `)).map(([key]) => key)
}

function takenOver(nearest: MachineProfile, mhz: number): Record<CycleKey, Sourced> {
  const all = Object.entries(nearest.cycles) as [CycleKey, Sourced][]
  const scaled = all.map(([key, { value }]) => [
    key,
    {
      value: Math.round((value * mhz) / nearest.mhz.value),
      source: `from ${nearest.name}, ${value} cycles at ${nearest.mhz.value} MHz, scaled by the clock`,
    },
  ])
  return Object.fromEntries(scaled) as Record<CycleKey, Sourced>
}

/** Distances that were not measured must not come out nearer than those that were. */
function inOrder(
  cycles: Record<CycleKey, Sourced>,
  { transfers }: Calibration,
): Partial<Record<CycleKey, Sourced>> {
  const found = new Map(transfers.map(({ distance }) => [TRANSFER_KEYS[distance], true]))
  if (found.size === 0) return {}
  const keys = Object.values(TRANSFER_KEYS)
  const result: Partial<Record<CycleKey, Sourced>> = {}
  for (const [i, key] of keys.entries()) {
    if (found.has(key)) continue
    const below = keys.slice(0, i).findLast((other) => found.has(other))
    const above = keys.slice(i + 1).find((other) => found.has(other))
    const own = cycles[key]
    if (above !== undefined && own.value > cycles[above].value) {
      result[key] = { value: cycles[above].value, source: `from ${above}: not measured` }
    } else if (
      below !== undefined &&
      (own.value < cycles[below].value || key === 'transferSocket')
    ) {
      result[key] = { value: cycles[below].value, source: `from ${below}: not measured` }
    }
  }
  return result
}

/** What follows from the lines between CPUs, if they were measured, by the rule of the shipped profiles. */
function withWaiters(cycles: ProfileCycles, { transfers }: Calibration): ProfileCycles {
  if (transfers.length === 0) return cycles
  const serveWaiter = {
    value: Math.round(cycles.transferSocket.value / 2),
    source: 'estimated: half of transferSocket, as in the shipped profiles',
  }
  return { ...cycles, serveWaiter }
}

function measured({ min, max, samples }: Sampled, how: string): string {
  const range = `${min.toPrecision(3)} to ${max.toPrecision(3)} ns`
  return `measured: ${how}; median of ${samples} samples, ${range}`
}

function topologyOf({ topology, cores }: Calibration): ProfileTopology {
  return (
    topology?.shape ?? {
      threadsPerCore: 1,
      coresPerCluster: Math.min(cores, 1024),
      clustersPerSocket: 1,
      sockets: 1,
      numbering: 'siblings-last',
      source: 'estimated: the system does not tell; all cores taken as one cluster',
    }
  )
}

function titleOf(calibration: Calibration): string {
  const cpus = cpusOf({ topology: topologyOf(calibration) })
  const suffix = `, ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`
  return oneLine(calibration.cpuModel).slice(0, 60 - suffix.length) + suffix
}

function descriptionOf({ notes }: Calibration, nearest: MachineProfile): string {
  const rest = `Measured by mmgather calibrate; what it cannot measure is that of ${nearest.name}.`
  return [rest, ...notes.map((note) => `Note: ${note}.`)].join(' ')
}

/** Without characters that a title may not have. */
function oneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim() || 'unknown CPU'
}
