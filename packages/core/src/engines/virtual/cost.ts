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
import type { InterruptCosts } from '../../sync/virtual-interrupts.ts'
import type { LineCosts, Topology } from '../../sync/virtual-lines.ts'
import type { LockCosts } from '../../sync/virtual-spinlock.ts'
import type { TlbCosts } from '../../sync/virtual-tlb.ts'
import type { WorkCosts } from '../../sync/virtual-work.ts'
import { coreOf, coresPerSocket, type MachineProfile } from './profile.ts'

export interface CostTable {
  readonly mhz: number
  readonly lines: LineCosts
  readonly locks: LockCosts
  readonly interrupts: InterruptCosts
  readonly tlb: TlbCosts
  readonly work: WorkCosts
}

export function costTable({ cycles, mhz, tlbFlush }: MachineProfile): CostTable {
  const { transferSmt, transferCluster, transferSocket, transferRemote } = cycles
  return {
    mhz: mhz.value,
    lines: {
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
    },
    locks: {
      unlock: cycles.unlock.value,
      serveWaiter: cycles.serveWaiter.value,
      mhz: mhz.value,
    },
    interrupts: {
      irqSave: cycles.irqSave.value,
      ipiSend: cycles.ipiSend.value,
      ipiPerTarget: cycles.ipiPerTarget.value,
      ipiLatency: cycles.ipiLatency.value,
      ipiHandle: cycles.ipiHandle.value,
    },
    tlb: {
      flushPage: cycles.tlbFlushPage.value,
      flushAll: cycles.tlbFlushAll.value,
      isBroadcast: tlbFlush === 'broadcast',
    },
    work: {
      condResched: cycles.condResched.value,
      mhz: mhz.value,
      kinds: workKinds(cycles),
    },
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
