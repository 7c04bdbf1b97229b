/**
 * The primitives of sync/live.ts as the derived forms see them: which of them other CPUs can tell the order of.
 *
 * An `ordered` primitive reads or writes a word that other CPUs may write: an engine that runs many CPUs must be able to
 * run another one before it. `address` says which argument names the word. A `blocking` one may also have to wait. The
 * rest touch this CPU's own state, or nothing. Invariant: every function that sync/live.ts exports is listed (tested).
 */

export interface Primitive {
  readonly kind: 'ordered' | 'own'
  /** Index of the argument that is the address of the word; absent: no single word (a TLB flush). */
  readonly address?: number
  /** The primitive may have to wait for another CPU; only as a statement of its own. */
  readonly blocking?: true
}

const onSecond: Primitive = { kind: 'ordered', address: 1 }
const onFirst: Primitive = { kind: 'ordered', address: 0 }
const own: Primitive = { kind: 'own' }

export const PRIMITIVES: Readonly<Record<string, Primitive>> = {
  atomicAdd: onSecond,
  atomicSub: onSecond,
  atomicAddNegative: onSecond,
  atomicSubAndTest: onSecond,
  atomicDecAndTest: onFirst,
  atomicIncAndTest: onFirst,
  atomicSubReturnRelaxed: onSecond,
  atomicAddReturnRelaxed: onSecond,
  atomicFetchAddRelaxed: onSecond,
  testAndSetBit: onSecond,
  testAndClearBit: onSecond,
  setBit: onSecond,
  clearBit: onSecond,
  atomicIncNotZero: onFirst,
  readOnce: onFirst,
  spinLock: { kind: 'ordered', address: 0, blocking: true },
  spinTrylock: onFirst,
  spinUnlock: onFirst,
  flushTlbMmRange: { kind: 'ordered', blocking: true },
  userAccess: { kind: 'ordered' },
  needResched: own,
  condResched: own,
  bugOn: own,
  delayNs: own,
  doWork: own,
  postAllocHook: own,
}

/**
 * Functions, and members of a strategy, that are long and called rarely: in virtual time the engine keeps a stack of them
 * for each CPU, so that a CPU that stops deep inside is resumed through the frames of the innermost one alone. (Each
 * `yield*` in between costs time at every resume.) Their results are numbers or void.
 */
export const OWN_FRAME: ReadonlySet<string> = new Set([
  'zapPteRange',
  'tlbFlushMmu',
  'freeSlotsAndSwapCache',
  'releaseSlots',
])

/** Functions that no kernel has: they count for the report, or check an assertion. They take no virtual time. */
export const UNCHARGED: ReadonlySet<string> = new Set(['countEvents', 'countEventMax', 'bugOn'])
