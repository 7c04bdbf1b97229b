/**
 * A machine profile: what the operations of the kernel text cost on one real machine, and how far its CPUs are from
 * each other.
 *
 * Owns the types and the arithmetic of CPU numbers. A profile is plain data, frozen in meaning: costs are whole cycles
 * of the clock `mhz`, and each says where it comes from.
 */

export const PROFILE_SCHEMA = 'mmgather/profile@1'

/** A figure and where it comes from. */
export interface Sourced {
  readonly value: number
  /** A citation, or `estimated: why`. */
  readonly source: string
}

/** Where Linux puts the SMT siblings of a core: after all cores (usual on x86), or next to each other. */
export type CpuNumbering = 'siblings-last' | 'siblings-adjacent'

/** How the CPUs of a machine lie. A cluster is what shares a cache below the socket's: a CCX, an L2. */
export interface ProfileTopology {
  readonly threadsPerCore: number
  readonly coresPerCluster: number
  readonly clustersPerSocket: number
  readonly sockets: number
  readonly numbering: CpuNumbering
  readonly source: string
}

/** What things cost, in cycles. A distance that a machine does not have still has a figure: CPUs may be added to it. */
export interface ProfileCycles {
  /** Plain load or store of a line that this CPU has, with the instructions around it. */
  readonly access: Sourced
  /** Locked read-modify-write of an owned line, on top of `access`. */
  readonly atomic: Sourced
  /** Releasing store of a lock word for which nobody waits. */
  readonly unlock: Sourced
  /** First touch of a line that is in no cache; streaming, so that prefetchers help. */
  readonly memory: Sourced
  /** A line that the SMT sibling wrote last. */
  readonly transferSmt: Sourced
  /** A line that another core of the cluster wrote last. */
  readonly transferCluster: Sourced
  /** A line that a core of another cluster of the socket wrote last. */
  readonly transferSocket: Sourced
  /** A line that a CPU of another socket wrote last. */
  readonly transferRemote: Sourced
  /** Answering one of many CPUs that read a line which was just written: a lock word that they all watch. */
  readonly serveWaiter: Sourced
  /** local_irq_save() and local_irq_restore(). */
  readonly irqSave: Sourced
  /** Sending an IPI to the first target. */
  readonly ipiSend: Sourced
  /** Each further target. */
  readonly ipiPerTarget: Sourced
  /** Until a target enters its handler. */
  readonly ipiLatency: Sourced
  /** The target's handler: entry, acknowledge, exit. */
  readonly ipiHandle: Sourced
  /** Invalidating one page in the TLB of this CPU. */
  readonly tlbFlushPage: Sourced
  /** Invalidating the whole address space in the TLB of this CPU. */
  readonly tlbFlushAll: Sourced
  /** cond_resched() that finds nothing to do. */
  readonly condResched: Sourced
  /** Exception entry and exit, and the look-up of the VMA. */
  readonly pageFault: Sourced
  /** System call entry and exit. */
  readonly syscall: Sourced
  /** Zeroing 4 KiB. */
  readonly clearPage: Sourced
  /** Copying 4 KiB. */
  readonly copyPage: Sourced
  /** From one task to another, including the change of address space. */
  readonly contextSwitch: Sourced
}

/** The name of a cost. */
export type CycleKey = keyof ProfileCycles

/** What one machine costs. */
export interface MachineProfile {
  readonly schema: typeof PROFILE_SCHEMA
  /** What `--profile` takes, as `altra-80`. */
  readonly name: string
  /** The machine, as `Ampere Altra, 80 cores`. */
  readonly title: string
  readonly description: string
  /** The clock in whose cycles costs are counted. */
  readonly mhz: Sourced
  readonly topology: ProfileTopology
  /** How a TLB flush reaches other CPUs: by an interrupt, or by an instruction that is broadcast to all (arm64). */
  readonly tlbFlush: 'ipi' | 'broadcast'
  readonly cycles: ProfileCycles
}

/** How far apart two CPUs are. */
export const DISTANCE_SAME = 0
export const DISTANCE_SMT = 1
export const DISTANCE_CLUSTER = 2
export const DISTANCE_SOCKET = 3
export const DISTANCE_REMOTE = 4

export type Distance =
  | typeof DISTANCE_SAME
  | typeof DISTANCE_SMT
  | typeof DISTANCE_CLUSTER
  | typeof DISTANCE_SOCKET
  | typeof DISTANCE_REMOTE

/** CPUs of the profile's machine. */
export function cpusOf({ topology }: Pick<MachineProfile, 'topology'>): number {
  return cpusPerSocket(topology) * topology.sockets
}

export function coresPerSocket({ coresPerCluster, clustersPerSocket }: ProfileTopology): number {
  return coresPerCluster * clustersPerSocket
}

function cpusPerSocket(topology: ProfileTopology): number {
  return coresPerSocket(topology) * topology.threadsPerCore
}

/**
 * How far CPU b is from CPU a: 0 the same CPU, 1 its SMT sibling, 2 the same cluster, 3 the same socket, 4 remote.
 *
 * CPU numbers beyond the profile's machine are allowed: they continue as further sockets, all alike and each numbered in
 * one piece (cores first, then their siblings, if that is the profile's numbering).
 */
export function distance(
  { topology }: Pick<MachineProfile, 'topology'>,
  a: number,
  b: number,
): Distance {
  if (a === b) return DISTANCE_SAME
  const coreA = coreOf(topology, a)
  const coreB = coreOf(topology, b)
  if (coreA === coreB) return DISTANCE_SMT
  const { coresPerCluster } = topology
  if (Math.floor(coreA / coresPerCluster) === Math.floor(coreB / coresPerCluster)) {
    return DISTANCE_CLUSTER
  }
  const perSocket = coresPerSocket(topology)
  const sameSocket = Math.floor(coreA / perSocket) === Math.floor(coreB / perSocket)
  return sameSocket ? DISTANCE_SOCKET : DISTANCE_REMOTE
}

/** The core that a CPU is a thread of, counted over all sockets. */
export function coreOf(topology: ProfileTopology, cpu: number): number {
  const { threadsPerCore, sockets, numbering } = topology
  if (numbering === 'siblings-adjacent') return Math.floor(cpu / threadsPerCore)
  const machineCpus = cpusPerSocket(topology) * sockets
  if (cpu < machineCpus) return cpu % (coresPerSocket(topology) * sockets)
  const further = cpu - machineCpus
  const socket = sockets + Math.floor(further / cpusPerSocket(topology))
  return socket * coresPerSocket(topology) + (further % coresPerSocket(topology))
}
