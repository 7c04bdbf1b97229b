/**
 * v6.9, but only folios of PMD size are queued for deferred split (docs/guide/your-own-idea.md).
 */
import { defineStrategy, linux69 } from '@mmgather/core/kernel'

export const mine = defineStrategy({ ...linux69, id: 'mine', deferredSplitPmd: 1 })
