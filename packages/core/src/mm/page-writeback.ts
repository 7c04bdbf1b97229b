/**
 * mm/page-writeback.c: folio_mark_dirty, as zap_pte_range calls it for a dirty file PTE.
 *
 * Anonymous and shmem folios only get the flag; a disk file's folio that was clean is accounted as dirty. The xarray
 * tag and the inode's dirty list are not modelled.
 */

import { NR_FILE_DIRTY } from '../machine/counters.ts'
import { PAGE_FLAGS, PG_ANON, PG_DIRTY, PG_SWAPBACKED, PG_TYPE_MASK } from '../machine/layout.ts'
import { folioFlags, folioNrPages } from '../machine/page.ts'
import { readOnce, testAndSetBit } from '../sync/live.ts'
import { modNodePageState } from './vmstat.ts'

/** set_page_dirty / folio_mark_dirty */
export function folioMarkDirty(cpu: number, folio: number): void {
  // noop_dirty_folio (anonymous, shmem, DAX) tests first; filemap_dirty_folio always does the atomic
  if ((folioFlags(folio) & (PG_ANON | PG_SWAPBACKED | PG_TYPE_MASK)) !== 0) {
    if ((readOnce(folio + PAGE_FLAGS) & PG_DIRTY) === 0) testAndSetBit(PG_DIRTY, folio + PAGE_FLAGS)
    return
  }
  if (!testAndSetBit(PG_DIRTY, folio + PAGE_FLAGS))
    modNodePageState(cpu, NR_FILE_DIRTY, folioNrPages(folio, folioFlags(folio)))
}
