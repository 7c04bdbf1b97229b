/**
 * What was there before, and what came, = what is there now + what the counters say went away (H-25), and bounds on
 * counters.
 *
 * The machine before the run is known from the census; with no run yet all counters are 0 and the sums must agree too.
 */

import {
  COUNTER_KEYS,
  E_BATCH_PAGES,
  E_DEFERRED_SPLIT_INSERTS,
  E_DEFERRED_SPLIT_REMOVALS,
  E_DEPOSITED_TABLES_FREED,
  E_DEVICE_PAGES_FREED,
  E_FOLIOS_ALLOCATED,
  E_FOLIOS_FREED,
  E_PAGE_TABLES_ALLOCATED,
  E_PAGE_TABLES_FREED,
  E_PAGES_ALLOCATED,
  E_PAGES_FREED,
  E_PMD_SPLITS,
  E_PMDS_CLEARED,
  E_PTES_CLEARED,
  E_PTES_MAPPED,
  EVENT_KEYS,
  NR_EVENTS,
  NR_VMSTAT_ITEMS,
  PGALLOC,
  PGFREE,
  THP_DEFERRED_SPLIT_PAGE,
  VMSTAT_KEYS,
} from '../counters.ts'
import {
  CPU_BASE,
  CPU_STRIDE,
  GATHER_PAGES_RESERVE,
  LARGE_MAPCOUNT,
  NR_CPUS,
  TABLE_FREE,
} from '../globals.ts'
import { CPU_EVENTS, CPU_VMSTAT, HPAGE_PMD_NR } from '../layout.ts'
import { load } from '../memory.ts'
import { eventsOf, vmstatOf } from './cpu-sums.ts'
import type { Facts } from './facts.ts'

export function checkConservation(facts: Facts): void {
  checkPages(facts)
  checkMappings(facts)
  checkSplitQueueEvents(facts)
  checkPgfree(facts)
  checkPgalloc(facts)
  checkNotNegative(facts)
}

/** Pages and folios: in use now + freed. Page tables in the gather and device memory are counted as freed too. */
function checkPages(facts: Facts): void {
  const { violations, census } = facts
  const tables = TABLE_FREE !== 0 ? 0 : eventsOf(E_PAGE_TABLES_FREED)
  violations.equal(
    'pages-conserved',
    facts.pagesInUse + eventsOf(E_PAGES_FREED) - tables - facts.devicePagesFree,
    census.pagesInUse + eventsOf(E_PAGES_ALLOCATED),
    () => `pages in use now (${facts.pagesInUse}) and freed`,
  )
  violations.equal(
    'folios-conserved',
    facts.foliosInUse + eventsOf(E_FOLIOS_FREED) - tables - facts.deviceFoliosFree,
    census.foliosInUse + eventsOf(E_FOLIOS_ALLOCATED),
    () => `folios in use now (${facts.foliosInUse}) and freed`,
  )
  violations.equal(
    'device-pages-conserved',
    eventsOf(E_DEVICE_PAGES_FREED),
    facts.devicePagesFree,
    () => 'pages of device memory given back',
  )
}

/**
 * Mapped pages: now + cleared. A cleared PMD stands for 512 of them, or for none if it mapped the huge zero page; a
 * split PMD of a file is dropped.
 */
function checkMappings(facts: Facts): void {
  const { violations, mappedPages } = facts
  const expected = facts.census.mappedPages + eventsOf(E_PTES_MAPPED)
  const least = mappedPages + eventsOf(E_PTES_CLEARED)
  const most = least + HPAGE_PMD_NR * (eventsOf(E_PMDS_CLEARED) + eventsOf(E_PMD_SPLITS))
  if (least <= expected && expected <= most) return
  const found = least === most ? `${least}` : `${least} to ${most}`
  violations.add(
    'mappings-conserved',
    () => `pages mapped now (${mappedPages}) and cleared: expected ${expected}, found ${found}`,
  )
}

function checkSplitQueueEvents(facts: Facts): void {
  const inserts = eventsOf(E_DEFERRED_SPLIT_INSERTS)
  facts.violations.equal(
    'split-queue-conserved',
    facts.census.foliosQueued + inserts - eventsOf(E_DEFERRED_SPLIT_REMOVALS),
    facts.foliosQueued,
    () => 'folios queued before + deferredSplitInserts - deferredSplitRemovals',
  )
  // v6.10 counts PMD-mappable folios only, v6.12 when the flag is set and not when the folio is queued
  if (LARGE_MAPCOUNT !== 0) return
  facts.violations.equal(
    'split-queue-conserved',
    vmstatOf(THP_DEFERRED_SPLIT_PAGE),
    inserts,
    () => 'thp_deferred_split_page',
  )
}

/** PGFREE counts user pages, page tables, deposited tables and batch pages alike, but no device memory. */
function checkPgfree(facts: Facts): void {
  const user = eventsOf(E_PAGES_FREED) - eventsOf(E_DEVICE_PAGES_FREED)
  // with a reserve, none of the kernel's own pages that __free_page frees reach the allocator
  const tables = TABLE_FREE !== 0 ? eventsOf(E_PAGE_TABLES_FREED) : 0
  const own = tables + eventsOf(E_BATCH_PAGES) + eventsOf(E_DEPOSITED_TABLES_FREED)
  facts.violations.equal(
    'pgfree-conserved',
    vmstatOf(PGFREE),
    user + (GATHER_PAGES_RESERVE !== 0 ? 0 : own),
    () => 'pgfree',
  )
}

/** PGALLOC counts user pages, page tables and batch pages, each when it leaves the allocator. */
function checkPgalloc(facts: Facts): void {
  const own = eventsOf(E_PAGE_TABLES_ALLOCATED)
  const batches = GATHER_PAGES_RESERVE !== 0 ? 0 : eventsOf(E_BATCH_PAGES)
  facts.violations.equal(
    'pgalloc-conserved',
    vmstatOf(PGALLOC),
    eventsOf(E_PAGES_ALLOCATED) + own + batches,
    () => 'pgalloc',
  )
}

/** Events are only ever counted up. (Items before PGFREE are differences and may be negative on a CPU.) */
function checkNotNegative(facts: Facts): void {
  const negative = (cpu: number, name: string | undefined, value: number): void => {
    if (value < 0) facts.violations.add('counter-negative', () => `CPU ${cpu}: ${name} is ${value}`)
  }
  const names = [...COUNTER_KEYS, ...EVENT_KEYS]
  for (let i = 0; i < NR_CPUS; i++) {
    const cpu = CPU_BASE + i * CPU_STRIDE
    for (let e = 0; e < NR_EVENTS; e++) negative(i, names[e], load(cpu + CPU_EVENTS + e))
    for (let item = PGFREE; item < NR_VMSTAT_ITEMS; item++)
      negative(i, VMSTAT_KEYS[item], load(cpu + CPU_VMSTAT + item))
  }
}
