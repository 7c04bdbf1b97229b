/**
 * How the CPUs of this machine lie, as Linux tells it under /sys/devices/system/cpu.
 *
 * A cluster is what shares the last-level cache, where that is less than a socket (a CCX); else what the kernel calls a
 * cluster; else the socket. Owns the reading; a machine that tells nothing is `undefined`.
 */

import type { Distance, ProfileTopology } from '@mmgather/core'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parseCoreList } from '../pin.ts'

const SYS = '/sys/devices/system/cpu'

export interface CpuTopology {
  readonly shape: ProfileTopology
  /** Bytes of the last-level cache that CPU 0 is at, 0 if unknown. */
  readonly lastLevelBytes: number
  /** How far apart two CPUs are. */
  distance(a: number, b: number): Distance
}

interface Place {
  readonly core: string
  readonly cluster: string
  readonly socket: string
}

/** @param root - in place of /sys/devices/system/cpu, for tests. */
export function readCpuTopology(root: string = SYS): CpuTopology | undefined {
  const cpus = parseCoreList(read(join(root, 'online')))
  const places = new Map<number, Place>()
  for (const cpu of cpus) {
    const place = placeOf(join(root, `cpu${cpu}`))
    if (place === undefined) return undefined
    places.set(cpu, place)
  }
  const first = places.get(cpus[0] ?? 0)
  if (first === undefined) return undefined
  return {
    shape: shapeOf([...places.values()], first),
    lastLevelBytes: lastLevel(join(root, `cpu${cpus[0] ?? 0}`)).bytes,
    distance: (a, b) => (a === b ? 0 : distanceOf(places.get(a), places.get(b))),
  }
}

function placeOf(folder: string): Place | undefined {
  const topology = (name: string): string => read(join(folder, 'topology', name))
  const core = topology('core_cpus_list') || topology('thread_siblings_list')
  const socket = topology('package_cpus_list') || topology('core_siblings_list')
  if (core === '' || socket === '') return undefined
  const shared = lastLevel(folder).list
  const kernels = topology('cluster_cpus_list')
  const cluster = [shared, kernels].find(
    (list) => size(list) > size(core) && size(list) < size(socket),
  )
  return { core, socket, cluster: cluster ?? socket }
}

function shapeOf(places: readonly Place[], first: Place): ProfileTopology {
  const sockets = new Set(places.map(({ socket }) => socket)).size
  const threadsPerCore = size(first.core)
  const coresPerCluster = Math.max(1, Math.round(size(first.cluster) / threadsPerCore))
  const clustersPerSocket = Math.max(1, Math.round(size(first.socket) / size(first.cluster)))
  const isAdjacent = threadsPerCore > 1 && parseCoreList(first.core)[1] === 1
  return {
    threadsPerCore,
    coresPerCluster,
    clustersPerSocket,
    sockets,
    numbering: isAdjacent ? 'siblings-adjacent' : 'siblings-last',
    source: 'as Linux tells it under /sys/devices/system/cpu',
  }
}

function distanceOf(a: Place | undefined, b: Place | undefined): Distance {
  if (a === undefined || b === undefined) return 3
  if (a.core === b.core) return 1
  if (a.cluster === b.cluster && a.socket === b.socket) return 2
  return a.socket === b.socket ? 3 : 4
}

/** The data cache of the highest level. */
function lastLevel(folder: string): { list: string; bytes: number } {
  let best = { level: 0, list: '', bytes: 0 }
  for (const index of entries(join(folder, 'cache'))) {
    const cache = join(folder, 'cache', index)
    const level = Number(read(join(cache, 'level')))
    if (level <= best.level || read(join(cache, 'type')) === 'Instruction') continue
    best = {
      level,
      list: read(join(cache, 'shared_cpu_list')),
      bytes: bytesOf(read(join(cache, 'size'))),
    }
  }
  return best
}

/** `266240K` */
function bytesOf(text: string): number {
  const [, digits = '0', unit = ''] = /^(\d+)([KMG]?)$/.exec(text) ?? []
  return Number(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit)
}

function size(list: string): number {
  return parseCoreList(list).length
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^index\d+$/.test(name))
  } catch {
    return []
  }
}

/** The file's text; empty if there is none. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
