/**
 * Mutations of address spaces, page tables and the counts of folios.
 */
import {
  CONTROL,
  CTL_VMSTAT_BASE,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_LARGE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  MM_SLOT_MAPCOUNT,
  MM_ANONPAGES,
  MM_MAP_COUNT,
  MM_MMAP,
  MM_PGTABLES,
  MM_RSS,
  MM_TLB_FLUSH_PENDING,
  MM_USERS,
  MM_VMA_POOL,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PG_LRU,
  PG_TYPE_RESERVED,
  PG_TYPE_TABLE,
  PMD_HUGE,
  PT_HUGE_PTE,
  PTE_PFN_SHIFT,
  PTE_PRESENT,
  PTE_SPECIAL,
  SWP_DEVICE_PRIVATE,
  SWP_SWAP,
  VMA_MM,
  VMA_NEXT,
  VMA_PREV,
} from '../../../src/machine/layout.ts'
import { NR_PAGETABLE } from '../../../src/machine/counters.ts'
import { NR_SWAP_SLOTS, PT_BASE } from '../../../src/machine/globals.ts'
import { folioMmSlots } from '../../../src/machine/folio-mm-slots.ts'
import { load } from '../../../src/machine/memory.ts'
import { pageToPfn } from '../../../src/machine/page.ts'
import { mkPte, tablePage } from '../../../src/machine/pgtable.ts'
import {
  largeFolio,
  type Mutation,
  mutation,
  pageOfType,
  pmdAt,
  pteAt,
  pudEntry,
  smallFolio,
} from './mutation.ts'
import { add, mmAt, poke } from './support.ts'

/** A page of the first VMA that nothing is mapped at, and one past its end in the same table. */
const HOLE = 6
const BEHIND = 1450
/** A PMD of the PMD-mapped VMA that is left out, and one behind everything in the same PMD page. */
const PMD_HOLE = 11264 + 1536
const PMD_BEHIND = 511 * 512 - 0x10000 + 2 ** 18

const firstVma = (): number => load(mmAt(0) + MM_MMAP)
const secondVma = (): number => load(firstVma() + VMA_NEXT)
const reservedPfn = (): number => pageToPfn(pageOfType(PG_TYPE_RESERVED))

const SPACES: Mutation[] = [
  mutation('mm-users', 'tornDown', 'dropped twice', () => poke(mmAt(2) + MM_USERS, -1)),
  mutation('mm-exited', 'populated', 'gone without its VMAs', () => poke(mmAt(2) + MM_USERS, 0)),
  mutation('vma-list', 'populated', 'prev is another', () => poke(secondVma() + VMA_PREV, 0)),
  mutation('vma-list', 'populated', 'of another mm', () => poke(secondVma() + VMA_MM, mmAt(1))),
  mutation('vma-count', 'populated', 'one too few', () => add(mmAt(1) + MM_MAP_COUNT, -1)),
  mutation('vma-pool', 'populated', 'a VMA in use is spare', () =>
    poke(mmAt(0) + MM_VMA_POOL, secondVma()),
  ),
  mutation('vma-pool', 'populated', 'a spare VMA is linked to itself', () => {
    const spare = load(mmAt(0) + MM_VMA_POOL)
    poke(spare + VMA_NEXT, spare)
  }),
  mutation('rss', 'populated', 'one page too many', () => add(mmAt(0) + MM_RSS + MM_ANONPAGES, 1)),
  mutation('rss', 'tornDown', 'a page left', () => add(mmAt(3) + MM_RSS, 1)),
  mutation('pgtables', 'populated', 'one too few', () => add(mmAt(0) + MM_PGTABLES, -1)),
  mutation('tlb-flush-pending', 'tornDown', 'a gather is open', () =>
    poke(mmAt(0) + MM_TLB_FLUSH_PENDING, 1),
  ),
]

const TABLES: Mutation[] = [
  mutation('table-entry', 'populated', 'a PMD entry to a folio', () =>
    poke(pmdAt(PMD_HOLE), mkPte(pageToPfn(smallFolio()), PTE_PRESENT)),
  ),
  mutation('table-entry', 'populated', 'a PMD entry beyond memory', () =>
    poke(pmdAt(PMD_HOLE), mkPte(0xffffff, PTE_PRESENT)),
  ),
  mutation('table-shared', 'populated', 'a table in two places', () =>
    poke(pmdAt(PMD_BEHIND), load(pmdAt(0))),
  ),
  mutation('table-page', 'populated', 'a second reference', () =>
    add(tablePage(load(pmdAt(0))) + PAGE_REFCOUNT, 1),
  ),
  mutation('table-page', 'populated', 'on the LRU', () => add(tablePage(load(pmdAt(0))), PG_LRU)),
  mutation('table-leaked', 'tornDown', 'a table of no mm', () =>
    poke(pageOfType(PG_TYPE_RESERVED), PG_TYPE_TABLE),
  ),
  mutation('table-freed-with-entries', 'tornDown', 'an entry left', () => poke(PT_BASE + 9, 1)),
  mutation('deposit', 'populated', 'a table in reserve is gone', () => {
    const pmdPage = tablePage(pudEntry())
    const table = load(pmdPage + PT_HUGE_PTE)
    poke(pmdPage + PT_HUGE_PTE, load(table + PT_HUGE_PTE))
    poke(table, PG_TYPE_RESERVED)
    add(mmAt(0) + MM_PGTABLES, -1)
    add(CONTROL + CTL_VMSTAT_BASE + NR_PAGETABLE, -1)
  }),
  mutation('pmd-target', 'populated', 'a huge PMD to a small folio', () =>
    poke(pmdAt(PMD_HOLE), mkPte(pageToPfn(smallFolio()), PTE_PRESENT | PMD_HUGE)),
  ),
  mutation('pte-outside-vma', 'populated', 'a PTE behind its VMA', () =>
    poke(pteAt(BEHIND), mkPte(0, PTE_PRESENT | PTE_SPECIAL)),
  ),
  mutation('pte-outside-vma', 'populated', 'a huge PMD behind all VMAs', () =>
    poke(pmdAt(PMD_BEHIND), mkPte(pageToPfn(largeFolio(9)), PTE_PRESENT | PMD_HUGE)),
  ),
  mutation('pte-target', 'populated', 'a PTE to a page that is not in use', () =>
    poke(pteAt(HOLE), mkPte(reservedPfn(), PTE_PRESENT)),
  ),
  mutation('pte-target', 'populated', 'a PTE beyond memory', () =>
    poke(pteAt(HOLE), mkPte(0xffffff, PTE_PRESENT)),
  ),
  mutation('pte-target', 'populated', 'a swap slot that does not exist', () =>
    poke(pteAt(HOLE), (NR_SWAP_SLOTS << PTE_PFN_SHIFT) | SWP_SWAP),
  ),
  mutation('pte-target', 'populated', 'a device entry to a page that is not in use', () =>
    poke(pteAt(HOLE), (reservedPfn() << PTE_PFN_SHIFT) | SWP_DEVICE_PRIVATE),
  ),
]

const COUNTS: Mutation[] = [
  mutation('mapcount', 'populated', 'one too many', () => add(smallFolio() + PAGE_MAPCOUNT, 1)),
  mutation('mapcount', 'tornDown', 'one left', () => add(largeFolio(4, 0) + PAGE_MAPCOUNT, 1)),
  mutation('mapcount-negative', 'populated', 'removed twice', () =>
    poke(smallFolio() + PAGE_MAPCOUNT, -2),
  ),
  mutation('entire-mapcount', 'populated', 'a PMD too many', () =>
    add(largeFolio(9) + FOLIO_ENTIRE_MAPCOUNT, 1),
  ),
  mutation('nr-pages-mapped', 'populated', 'a page too few', () =>
    add(largeFolio(9) + FOLIO_NR_PAGES_MAPPED, -1),
  ),
  mutation('large-mapcount', 'mmSlots', 'a mapping too many', () =>
    add(largeFolio(9) + FOLIO_LARGE_MAPCOUNT, 1),
  ),
  mutation('mm-slots', 'mmSlots', 'more mappings than there are', () =>
    add(folioMmSlots(largeFolio(9)) + MM_SLOT_MAPCOUNT, 10_000),
  ),
  mutation('mm-slots', 'mmSlots', 'an id without a mapping', () =>
    poke(folioMmSlots(largeFolio(9)) + MM_SLOT_MAPCOUNT, -1),
  ),
  mutation('refcount-negative', 'populated', 'put too often', () =>
    poke(smallFolio() + PAGE_REFCOUNT, -1),
  ),
  mutation('refcount-low', 'populated', 'a mapping without its reference', () =>
    add(smallFolio() + PAGE_REFCOUNT, -1),
  ),
  mutation('refcount-low', 'populated', 'no reference at all', () =>
    poke(largeFolio(9) + PAGE_REFCOUNT, 0),
  ),
  mutation('refcount-high', 'populated', 'a reference of nobody', () =>
    add(largeFolio(3) + PAGE_REFCOUNT, 1),
  ),
]

export const SPACE_MUTATIONS: readonly Mutation[] = [...SPACES, ...TABLES, ...COUNTS]
