/**
 * Builds what processes map besides their own memory: files, named folios, the huge zero page.
 *
 * The page cache holds one reference for each page of a file's folio; named folios say themselves what holds them.
 */

import { assert } from '../../lib/assert.ts'
import type { FileObject, NamedFolios, Scenario } from '../../scenario/scenario.ts'
import { selectionMatches } from '../../scenario/selection.ts'
import {
  HPAGE_PMD_NR,
  HPAGE_PMD_ORDER,
  PAGE_REFCOUNT,
  PG_ACTIVE,
  PG_ANON,
  PG_DIRTY,
  PG_LRU,
  PG_MLOCKED,
  PG_REFERENCED,
  PG_SWAPBACKED,
  PG_TYPE_HUGE_ZERO,
} from '../layout.ts'
import { mem } from '../memory.ts'
import { nthPage, pageToPfn, pfnToPage } from '../page.ts'
import { addToSwapCache, createFolio, writeStructPages } from './build-folios.ts'
import { type Builder } from './builder.ts'
import { usesHugeZero, walkPattern } from './folio-walk.ts'

/** Where the built objects are, by name and id. */
export interface Objects {
  /** PFN of each page of a file. */
  filePages(name: string): Int32Array
  /** First PFN of a named folio. */
  namedPfn(id: number): number
  readonly hugeZeroPfn: number
  /** Once everything is mapped: gives named folios that nothing refers to one reference from outside. */
  holdUnreferenced(): void
}

export function buildObjects(b: Builder, scenario: Scenario): Objects {
  const files = new Map<string, Int32Array>()
  for (const file of scenario.files) files.set(file.name, buildFile(b, file))
  const named = scenario.folios.map((folios) => ({ folios, pfns: buildNamed(b, folios) }))
  named.sort((x, y) => x.folios.id - y.folios.id)
  const hugeZeroPfn = usesHugeZero(scenario) ? buildHugeZero(b) : -1
  return {
    hugeZeroPfn,
    holdUnreferenced() {
      for (const { pfns } of named) {
        for (const pfn of pfns) {
          const folio = pfnToPage(pfn)
          if (mem[folio + PAGE_REFCOUNT] === 0) b.addOtherRefs(folio, 1)
        }
      }
    },
    filePages(name) {
      const pages = files.get(name)
      assert(pages !== undefined, 'file of no name', { name })
      return pages
    },
    namedPfn(id) {
      let low = 0
      let high = named.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((named[middle]?.folios.id ?? 0) <= id) low = middle
        else high = middle - 1
      }
      const found = named[low]
      const pfn = found?.pfns[id - found.folios.id]
      assert(pfn !== undefined, 'named folio of no id', { id })
      return pfn
    },
  }
}

function buildFile(b: Builder, file: FileObject): Int32Array {
  const pages = new Int32Array(file.pages)
  walkPattern(file.folios, file.pages, (at) => {
    let flags = PG_LRU | (file.shmem ? PG_SWAPBACKED : 0)
    if (selectionMatches(file.active, at.index)) flags |= PG_ACTIVE
    if (selectionMatches(file.referenced, at.index)) flags |= PG_REFERENCED
    if (selectionMatches(file.dirtyFolios, at.index)) flags |= PG_DIRTY
    const folio = createFolio(b, flags, b.memcgId(at.memcg ?? file.memcg))
    const pfn = pageToPfn(folio)
    const nr = 1 << at.order
    b.addOtherRefs(folio, nr)
    for (let i = 0; i < nr && at.first + i < file.pages; i++) pages[at.first + i] = pfn + i
  })
  return pages
}

function buildNamed(b: Builder, folios: NamedFolios): Int32Array {
  const pfns = new Int32Array(folios.count)
  const memcg = b.memcgId(folios.memcg ?? 'main')
  const nr = 1 << folios.order
  for (let i = 0; i < folios.count; i++) {
    const folio = createFolio(b, namedFlags(folios), memcg)
    pfns[i] = pageToPfn(folio)
    if (folios.kind !== 'anon') b.addOtherRefs(folio, nr)
    b.addOtherRefs(folio, folios.pins)
    if (folios.swapcache) addToSwapCache(b, folio, folios.order, false)
    if (folios.mappedByOthers > 0) {
      for (let p = 0; p < nr; p++) b.addOtherMaps(nthPage(folio, p), folios.mappedByOthers)
    }
  }
  return pfns
}

function namedFlags(folios: NamedFolios): number {
  let flags = 0
  if (folios.kind === 'anon') flags |= PG_ANON | PG_SWAPBACKED
  if (folios.kind === 'shmem') flags |= PG_SWAPBACKED
  if (folios.lru) flags |= PG_LRU
  // off the LRU nothing is active
  if (folios.lru && folios.active) flags |= PG_ACTIVE
  if (folios.referenced) flags |= PG_REFERENCED
  if (folios.dirty) flags |= PG_DIRTY
  if (folios.mlocked) flags |= PG_MLOCKED
  return flags
}

/** The huge zero page: one folio of order 9 that nobody frees here. */
function buildHugeZero(b: Builder): number {
  const pfn = Math.ceil(b.nextKernelPfn / HPAGE_PMD_NR) * HPAGE_PMD_NR
  b.nextKernelPfn = pfn + HPAGE_PMD_NR
  const folio = pfnToPage(pfn)
  writeStructPages(folio, HPAGE_PMD_ORDER, PG_TYPE_HUGE_ZERO)
  b.addOtherRefs(folio, 1)
  return pfn
}
