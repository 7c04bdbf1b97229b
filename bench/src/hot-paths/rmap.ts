/**
 * rmap removal of the last mapping, by page (page_remove_rmap) and by range (folio_remove_rmap_range).
 */
import { PAGE_MAPCOUNT, PAGE_WORDS } from '../../../packages/core/src/machine/layout.ts'
import { load } from '../../../packages/core/src/machine/memory.ts'
import { pageFolio } from '../../../packages/core/src/machine/page.ts'
import { folioRemoveRmapRange, pageRemoveRmap } from '../../../packages/core/src/mm/rmap.ts'
import type { HotPath, HotPathVariant } from './hot-path.ts'
import { PAGES, createSmallMachine } from './machine.ts'

function byPage(order: number): HotPathVariant {
  return {
    name: `page_remove_rmap, order ${order}`,
    prepare: () => {
      const { cpu, vma, firstPage, strategy, reset } = createSmallMachine({ order })
      const end = firstPage + PAGES * PAGE_WORDS
      return {
        operations: PAGES,
        reset,
        run: () => {
          for (let page = firstPage; page < end; page += PAGE_WORDS) {
            pageRemoveRmap(cpu, pageFolio(page), page, 1, vma, strategy)
          }
          return load(end - PAGE_WORDS + PAGE_MAPCOUNT)
        },
      }
    },
  }
}

function byRange(order: number): HotPathVariant {
  return {
    name: `folio_remove_rmap_range, order ${order}`,
    prepare: () => {
      const machine = createSmallMachine({ strategy: 'range-v1', order })
      const { cpu, vma, firstPage, strategy, reset } = machine
      const pages = 2 ** order
      const end = firstPage + PAGES * PAGE_WORDS
      return {
        operations: PAGES,
        reset,
        run: () => {
          for (let folio = firstPage; folio < end; folio += pages * PAGE_WORDS) {
            folioRemoveRmapRange(cpu, folio, folio, pages, vma, strategy)
          }
          return load(end - PAGE_WORDS + PAGE_MAPCOUNT)
        },
      }
    },
  }
}

export const rmapPath: HotPath = {
  name: 'rmap',
  operation: 'page',
  variants: [byPage(0), byPage(3), byRange(0), byRange(3), byRange(9)],
}
