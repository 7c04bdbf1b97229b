/**
 * mm-unstable of January 2024, before PTEs were taken in runs: page by page, any large anonymous folio queued for deferred
 * split, release_pages; the per-CPU lists are those of v6.7.
 */
import { defineStrategy, linux65Laf } from '@mmgather/core/kernel'

export const mmUnstable202401 = defineStrategy({
  ...linux65Laf,
  id: 'mm-unstable-2024-01',
  pcpFreeCount: 1,
  pcpBatchScaleMax: 5,
  pudTablesCounted: 1,
})
