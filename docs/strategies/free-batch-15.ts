/** linux-6.9 before "mm: increase folio batch size": references are dropped, and folios added, 15 at a time. */
import { defineStrategy, linux69 } from '@mmgather/core/kernel'

export const freeBatch15 = defineStrategy({ ...linux69, id: 'free-batch-15', pagevecSize: 15 })
