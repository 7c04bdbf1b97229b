/**
 * @mmgather/core/sync: the primitives by which kernel text synchronises, for strategies that users bring.
 *
 * By name, since the derived forms of this module pass on an engine's primitives, which has other names as well.
 */

export {
  atomicAdd,
  atomicAddNegative,
  atomicAddReturnRelaxed,
  atomicDecAndTest,
  atomicFetchAddRelaxed,
  atomicIncAndTest,
  atomicIncNotZero,
  atomicSub,
  atomicSubAndTest,
  atomicSubReturnRelaxed,
  bugOn,
  clearBit,
  condResched,
  delayNs,
  doWork,
  flushTlbMmRange,
  needResched,
  postAllocHook,
  readOnce,
  setBit,
  spinLock,
  spinTrylock,
  spinUnlock,
  testAndClearBit,
  testAndSetBit,
  userAccess,
} from '../sync/live.ts'
