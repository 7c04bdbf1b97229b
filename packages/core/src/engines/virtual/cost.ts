/**
 * The one cost table of virtual time: what each kind of operation takes, in cycles, made from a machine profile.
 *
 * Everything that charges time takes its figures from here, and nothing else adds to them.
 */

import {
  NR_WORK_KINDS,
  WORK_CLEAR_PAGE,
  WORK_CONTEXT_SWITCH,
  WORK_COPY_PAGE,
  WORK_PAGE_FAULT,
  WORK_SYSCALL,
} from '../../machine/work.ts'
import type { VirtualCosts } from '../../sync/virtual-costs.ts'
import type { Topology } from '../../sync/virtual-lines.ts'
import { coreOf, coresPerSocket, type MachineProfile } from './profile.ts'

export interface CostTable extends VirtualCosts {
  /** By distance: 1 SMT sibling, 2 same cluster, 3 same socket, 4 remote. Index 0 is not used. */
  readonly transfer: readonly number[]
  /** Cycles of one unit of each kind of work, by WORK_* constant. */
  readonly work: readonly number[]
}

export function costTable({ cycles, mhz, tlbFlush }: MachineProfile): CostTable {
  const { transferSmt, transferCluster, transferSocket, transferRemote } = cycles
  return {
    mhz: mhz.value,
    access: cycles.access.value,
    atomic: cycles.atomic.value,
    memory: cycles.memory.value,
    transfer: [
      0,
      transferSmt.value,
      transferCluster.value,
      transferSocket.value,
      transferRemote.value,
    ],
    unlock: cycles.unlock.value,
    serveWaiter: cycles.serveWaiter.value,
    irqSave: cycles.irqSave.value,
    ipiSend: cycles.ipiSend.value,
    ipiPerTarget: cycles.ipiPerTarget.value,
    ipiLatency: cycles.ipiLatency.value,
    ipiHandle: cycles.ipiHandle.value,
    tlbFlushPage: cycles.tlbFlushPage.value,
    tlbFlushAll: cycles.tlbFlushAll.value,
    isTlbBroadcast: tlbFlush === 'broadcast',
    condResched: cycles.condResched.value,
    work: workKinds(cycles),
  }
}

/** Cycles of one unit of each WORK_* kind. */
function workKinds(cycles: MachineProfile['cycles']): number[] {
  const kinds = Array<number>(NR_WORK_KINDS).fill(0)
  kinds[WORK_PAGE_FAULT] = cycles.pageFault.value
  kinds[WORK_SYSCALL] = cycles.syscall.value
  kinds[WORK_CLEAR_PAGE] = cycles.clearPage.value
  kinds[WORK_COPY_PAGE] = cycles.copyPage.value
  kinds[WORK_CONTEXT_SWITCH] = cycles.contextSwitch.value
  return kinds
}

/** Nanoseconds of so many cycles, rounded down. */
export function nsOf(cycles: number, { mhz }: Pick<CostTable, 'mhz'>): number {
  return Math.floor((cycles * 1000) / mhz)
}

/** Where each of `cpus` CPUs lies on the profile's machine. */
export function topologyOf(profile: MachineProfile, cpus: number): Topology {
  const core = Int32Array.from({ length: cpus }, (_, cpu) => coreOf(profile.topology, cpu))
  const within = (cores: number): Int32Array => core.map((each) => Math.floor(each / cores))
  return {
    core,
    cluster: within(profile.topology.coresPerCluster),
    socket: within(coresPerSocket(profile.topology)),
  }
}
