/**
 * The buddy allocator: free_one_page, one zone lock hold for each block, with and without merging.
 */
import { ZONE } from '../../../packages/core/src/machine/globals.ts'
import {
  MIGRATE_MOVABLE,
  PAGE_FLAGS,
  PAGE_WORDS,
  PG_MOVABLE,
  ZONE_FREE_PAGES,
} from '../../../packages/core/src/machine/layout.ts'
import { load, store } from '../../../packages/core/src/machine/memory.ts'
import { freeOnePage } from '../../../packages/core/src/mm/buddy.ts'
import type { HotPath, HotPathVariant } from './hot-path.ts'
import { PAGES, createSmallMachine } from './machine.ts'

/** Frees every `step`-th block of the order; neighbours merge with step 1, nothing does with step 2. */
function free(name: string, order: number, step: number): HotPathVariant {
  return {
    name,
    prepare: () => {
      const { cpu, firstPage, snapshot, reset } = createSmallMachine({ order })
      const end = firstPage + PAGES * PAGE_WORDS
      const stride = (PAGE_WORDS << order) * step
      // As free_pages_prepare leaves them: nobody's pages.
      for (let page = firstPage; page < end; page += PAGE_WORDS) {
        store(page + PAGE_FLAGS, PG_MOVABLE)
      }
      snapshot()
      return {
        operations: PAGES / (2 ** order * step),
        reset,
        run: () => {
          for (let page = firstPage; page < end; page += stride) {
            freeOnePage(cpu, page, order, MIGRATE_MOVABLE)
          }
          return load(ZONE + ZONE_FREE_PAGES)
        },
      }
    },
  }
}

export const buddyPath: HotPath = {
  name: 'buddy',
  operation: 'free block',
  variants: [
    free('order 0, no merging', 0, 2),
    free('order 0, all merge', 0, 1),
    free('order 4, no merging', 4, 2),
    free('order 4, all merge', 4, 1),
  ],
}
