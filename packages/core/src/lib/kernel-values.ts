/**
 * Of the values that a run fixes (machine/globals.ts), those that its kernel alone decides: by name, the member of the
 * strategy's record that each is.
 *
 * Text that is compiled under one strategy has them as constants.
 */

export const KERNEL_VALUES = {
  LARGE_MAPCOUNT: 'largeMapcount',
  NO_PAGE_MAPCOUNT: 'noPageMapcount',
  FOLIO_BATCH_FREE: 'folioBatchFree',
  LRU_ADD_DRAIN: 'lruAddDrain',
  SPLIT_LOCK_AT_FREE: 'splitLockAtFree',
  PCP_BATCH_SCALE_MAX: 'pcpBatchScaleMax',
  PCP_COUNTS_FREES: 'pcpFreeCount',
  PUD_TABLES_COUNTED: 'pudTablesCounted',
} as const

export type KernelValueName = keyof typeof KERNEL_VALUES
