/**
 * range-v1 with another bound for the lruvec lock: it is dropped after SWAP_CLUSTER_MAX pages, not after as many slots.
 *
 * A slot of range-v1 stands for up to 1,024 pages, so 32 slots may be 32,768 references with interrupts off. This loop is
 * core's release loop (mm/swap.ts) for ranges; the two places that differ are marked.
 */
import {
  countEvents,
  dropLruvec,
  folioClearLruFlags,
  folioLruvec,
  folioPutLarge,
  freeUnrefPageList,
  lruAddDrain,
  lruvecDelFolio,
  lruvecLockIrqsave,
  memCgroupUnchargeList,
  putZoneDeviceFolio,
  rangeV1,
  type Strategy,
} from '@mmgather/core/kernel'
