/**
 * What virtual time charges, in cycles of the machine profile, and what else a run fixes: constants to the text that
 * charges. Lists of costs are arrays of the modules that use them.
 */

/** A plain load or store of a line that the CPU has. */
export let ACCESS = 0
/** An atomic operation, on top of ACCESS. */
export let ATOMIC = 0
/** The first touch of a line. */
export let MEMORY = 0
/** A releasing store without waiters. */
export let UNLOCK = 0
/** Serving one waiter's read of the released word. */
export let SERVE_WAITER = 0
export let IRQ_SAVE = 0
export let IPI_SEND = 0
export let IPI_PER_TARGET = 0
export let IPI_LATENCY = 0
export let IPI_HANDLE = 0
export let TLB_FLUSH_PAGE = 0
export let TLB_FLUSH_ALL = 0
/** 1: a TLB invalidation reaches all CPUs by itself, without IPIs. */
export let TLB_BROADCAST = 0
export let COND_RESCHED = 0
/** Cycles of a microsecond. */
export let MHZ = 1000
/** Locks have numbers below this. */
export let NR_LOCKS_MAX = 0
/** 1: a page that a CPU allocates is its own; 0: background actors work on anybody's pages. */
export let CLAIMS_NEW_PAGES = 0

/** The costs of a run; see engines/virtual/cost.ts. */
export interface VirtualCosts {
  readonly access: number
  readonly atomic: number
  readonly memory: number
  readonly unlock: number
  readonly serveWaiter: number
  readonly irqSave: number
  readonly ipiSend: number
  readonly ipiPerTarget: number
  readonly ipiLatency: number
  readonly ipiHandle: number
  readonly tlbFlushPage: number
  readonly tlbFlushAll: number
  readonly isTlbBroadcast: boolean
  readonly condResched: number
  readonly mhz: number
}

/** @param nrLocksMax - more than the machine has locks. */
export function bindVirtualCosts(costs: VirtualCosts, nrLocksMax: number): void {
  NR_LOCKS_MAX = nrLocksMax
  ACCESS = costs.access
  ATOMIC = costs.atomic
  MEMORY = costs.memory
  UNLOCK = costs.unlock
  SERVE_WAITER = costs.serveWaiter
  IRQ_SAVE = costs.irqSave
  IPI_SEND = costs.ipiSend
  IPI_PER_TARGET = costs.ipiPerTarget
  IPI_LATENCY = costs.ipiLatency
  IPI_HANDLE = costs.ipiHandle
  TLB_FLUSH_PAGE = costs.tlbFlushPage
  TLB_FLUSH_ALL = costs.tlbFlushAll
  TLB_BROADCAST = costs.isTlbBroadcast ? 1 : 0
  COND_RESCHED = costs.condResched
  MHZ = costs.mhz
  CLAIMS_NEW_PAGES = 0
}

/** From now on a page that a CPU allocates is its own, unless background actors work on anybody's pages. */
export function claimNewPages(claims: boolean): void {
  CLAIMS_NEW_PAGES = claims ? 1 : 0
}

/** The values by name, for compiled text. */
export function virtualCostValues(): Record<string, number> {
  return {
    ACCESS,
    ATOMIC,
    MEMORY,
    UNLOCK,
    SERVE_WAITER,
    IRQ_SAVE,
    IPI_SEND,
    IPI_PER_TARGET,
    IPI_LATENCY,
    IPI_HANDLE,
    TLB_FLUSH_PAGE,
    TLB_FLUSH_ALL,
    TLB_BROADCAST,
    COND_RESCHED,
    MHZ,
    NR_LOCKS_MAX,
    CLAIMS_NEW_PAGES,
  }
}
