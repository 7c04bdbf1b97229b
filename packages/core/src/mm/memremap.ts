/**
 * mm/memremap.c: dropping references to ZONE_DEVICE pages.
 *
 * They never reach the page allocator: at zero references a coherent or private page goes back to its driver
 * (free_zone_device_page); an fsdax page is idle at one reference, which the file system keeps.
 */

import { BUG_FREED_MAPPED } from '../machine/bugs.ts'
import {
  E_DEVICE_PAGES_FREED,
  E_FOLIOS_FREED,
  E_PAGES_FREED,
  E_REFCOUNT_ATOMICS,
} from '../machine/counters.ts'
import {
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PG_TYPE_MASK,
  PG_TYPE_ZONE_DEVICE_FSDAX,
} from '../machine/layout.ts'
import { load } from '../machine/memory.ts'
import { folioFlags, folioNrPages } from '../machine/page.ts'
import { atomicSubAndTest, atomicSubReturnRelaxed, bugOn } from '../sync/live.ts'
import { memCgroupUncharge } from './memcontrol.ts'
import { countEvents } from './vmstat.ts'

/** put_devmap_managed_page, else put_page_testzero and free_zone_device_page. */
export function putZoneDeviceFolio(cpu: number, folio: number, refs: number): void {
  countEvents(cpu, E_REFCOUNT_ATOMICS, 1)
  if ((folioFlags(folio) & PG_TYPE_MASK) === PG_TYPE_ZONE_DEVICE_FSDAX) {
    // 1: idle; whoever waits for it (wake_up_var) is not modelled
    atomicSubReturnRelaxed(refs, folio + PAGE_REFCOUNT)
    return
  }
  if (atomicSubAndTest(refs, folio + PAGE_REFCOUNT)) freeZoneDevicePage(cpu, folio)
}

/** free_zone_device_page */
function freeZoneDevicePage(cpu: number, folio: number): void {
  bugOn(load(folio + PAGE_MAPCOUNT) !== -1, BUG_FREED_MAPPED)
  memCgroupUncharge(cpu, folio)
  countEvents(cpu, E_DEVICE_PAGES_FREED, folioNrPages(folio, folioFlags(folio)))
  countEvents(cpu, E_FOLIOS_FREED, 1)
  countEvents(cpu, E_PAGES_FREED, folioNrPages(folio, folioFlags(folio)))
}
