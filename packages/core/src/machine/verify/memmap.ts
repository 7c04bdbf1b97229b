/**
 * Checks the memory model, and turns addresses that may be wrong into PFNs.
 *
 * The kernel text never meets an address that is no struct page; verify does, for it looks at words that a bug may have
 * written. Nothing else can be checked if PFNs do not lead to struct pages and back, so this goes first.
 */

import {
  CHUNK_SECTION,
  MEMMAP,
  NR_PFNS,
  PFN_SECTION_SHIFT,
  SECTION_CHUNK,
  SPARSE,
} from '../globals.ts'
import { PAGE_WORDS } from '../layout.ts'
import { load } from '../memory.ts'
import { pageToPfn, pfnToPage } from '../page.ts'
import type { Violations } from './violation.ts'

/** The PFN of the struct page at this address; -1 if there is none. */
export function pfnAt(address: number): number {
  const offset = address - MEMMAP
  if (!(offset >= 0) || offset % PAGE_WORDS !== 0) return -1
  const pfn = pageToPfn(address)
  if (!(pfn >= 0 && pfn < NR_PFNS)) return -1
  // the chunk tables have no entry for an address behind the last chunk
  return SPARSE === 0 || pfnToPage(pfn) === address ? pfn : -1
}

/** True if every section has a memmap chunk of its own, and that chunk knows its section. */
export function checkMemmap(violations: Violations): boolean {
  if (SPARSE === 0) return true
  const sections = Math.ceil(NR_PFNS / 2 ** PFN_SECTION_SHIFT)
  const chunkWords = PAGE_WORDS * 2 ** PFN_SECTION_SHIFT
  let ok = true
  for (let section = 0; section < sections; section++) {
    const chunk = (load(SECTION_CHUNK + section) - MEMMAP) / chunkWords
    const known = Number.isInteger(chunk) && chunk >= 0 && chunk < sections
    const back = known ? load(CHUNK_SECTION + chunk) : -1
    if (back === section) continue
    ok = false
    violations.add(
      'memmap-sections',
      () => `section ${section}: its memmap chunk ${chunk} belongs to section ${back}`,
    )
  }
  return ok
}
