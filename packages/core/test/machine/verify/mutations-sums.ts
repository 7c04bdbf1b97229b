/**
 * Mutations of lists, statistics, per-CPU state and of what a run must conserve.
 */
import {
  CPU_ACTIVATE_BATCH,
  CPU_BATCH_FRAMES,
  CPU_LOCAL_BATCH,
  CPU_MLOCK_BATCH,
  CPU_TABLE_BATCH,
  FOLIO_SWAP,
  LRUVEC_BASE,
  MEMCG_BASE,
  SPLIT_QUEUE_BASE,
  SWAP_MAP,
} from '../../../src/machine/globals.ts'
import {
  E_BATCH_PAGES,
  E_COND_RESCHEDS,
  E_DEFERRED_SPLIT_INSERTS,
  E_DEFERRED_SPLIT_REMOVALS,
  E_DEVICE_PAGES_FREED,
  E_FOLIOS_FREED,
  E_GATHER_SLOTS,
  E_IRQS_OFF_SLOTS_MAX,
  E_PTES_CLEARED,
  NR_LRU_BASE,
  NR_SWAPCACHE,
  PGACTIVATE,
  PGALLOC,
  PGFREE,
} from '../../../src/machine/counters.ts'
import {
  BATCH_NEXT,
  BATCH_NR,
  CLEARED_PTES,
  CONTROL,
  CPU_RSS,
  CPU_VMSTAT,
  CTL_VMSTAT_BASE,
  FBATCH_FOLIOS,
  FBATCH_NR,
  FOLIO_DEFERRED_LIST,
  LRUVEC_SIZES,
  MEMCG_USAGE,
  MEMCG_WORDS,
  PAGE_LRU,
  PAGE_MLOCK_COUNT,
  PG_ACTIVE,
  PG_LRU,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  PG_SWAPCACHE,
  PG_TYPE_ZONE_DEVICE_FSDAX,
  PG_UNEVICTABLE,
  SPLIT_QUEUE_LEN,
  SPLIT_QUEUE_LIST,
  SPLIT_QUEUE_WORDS,
  SWAP_HAS_CACHE,
  TABLE_BATCH_NR,
  TLB_CLEARED,
  TLB_DELAYED_RMAP,
} from '../../../src/machine/layout.ts'
import { listAdd, listDel } from '../../../src/machine/list.ts'
import { load } from '../../../src/machine/memory.ts'
import {
  cpu0,
  eventWord,
  lruLists,
  type Mutation,
  mutation,
  notEmpty,
  pageOfType,
  smallFolio,
  splitQueue,
} from './mutation.ts'
import { add, findPfn, poke } from './support.ts'

const vmstatBase = (item: number): number => CONTROL + CTL_VMSTAT_BASE + item
const cpuVmstat = (item: number): number => cpu0() + CPU_VMSTAT + item

const LRU: Mutation[] = [
  mutation('lru-list', 'populated', 'next leads nowhere', () => {
    const node = load(notEmpty(lruLists()))
    poke(load(node), 3)
  }),
  mutation('lru-list', 'populated', 'prev leads elsewhere', () => {
    const list = notEmpty(lruLists())
    poke(load(load(load(list))) + 1, list)
  }),
  mutation('lru-list', 'populated', 'the head knows another tail', () => {
    const list = notEmpty(lruLists())
    poke(list + 1, load(list))
  }),
  mutation('lru-entry', 'populated', 'active on the inactive list', () =>
    add(smallFolio(PG_LRU, PG_ACTIVE | PG_UNEVICTABLE), PG_ACTIVE),
  ),
  mutation('lru-entry', 'populated', 'without PG_lru', () =>
    add(smallFolio(PG_LRU, PG_ACTIVE | PG_UNEVICTABLE), -PG_LRU),
  ),
  mutation('lru-missing', 'populated', 'taken off its list', () =>
    listDel(smallFolio() + PAGE_LRU),
  ),
  mutation('lru-size', 'populated', 'one page too many', () => add(LRUVEC_BASE + LRUVEC_SIZES, 1)),
  mutation('mlock-count', 'populated', 'one too many', () =>
    add(smallFolio(PG_UNEVICTABLE, 0) + PAGE_MLOCK_COUNT, 1),
  ),
]

const SPLIT_QUEUES: Mutation[] = [
  mutation('split-queue-list', 'halfway', 'prev leads elsewhere', () =>
    poke(load(splitQueue() + SPLIT_QUEUE_LIST) + 1, 5),
  ),
  mutation('split-queue-entry', 'halfway', 'on the queue of another memcg', () => {
    const queue = splitQueue()
    const node = load(queue + SPLIT_QUEUE_LIST)
    listDel(node)
    add(queue + SPLIT_QUEUE_LEN, -1)
    listAdd(node, SPLIT_QUEUE_BASE + SPLIT_QUEUE_LIST)
    add(SPLIT_QUEUE_BASE + SPLIT_QUEUE_LEN, 1)
  }),
  mutation('split-queue-missing', 'halfway', 'off the queue, but still linked', () => {
    const queue = splitQueue()
    listDel(load(queue + SPLIT_QUEUE_LIST))
    add(queue + SPLIT_QUEUE_LEN, -1)
    add(eventWord(E_DEFERRED_SPLIT_REMOVALS), 1)
  }),
  mutation('split-queue-len', 'halfway', 'one too many', () =>
    add(splitQueue() + SPLIT_QUEUE_LEN, 1),
  ),
  mutation('split-queue-len', 'tornDown', 'one left', () =>
    add(SPLIT_QUEUE_BASE + SPLIT_QUEUE_WORDS + SPLIT_QUEUE_LEN, 1),
  ),
]

const SUMS: Mutation[] = [
  mutation('memcg-id', 'populated', 'a memcg that does not exist', () =>
    add(pageOfType(PG_TYPE_ZONE_DEVICE_FSDAX), PG_MEMCG_MASK << PG_MEMCG_SHIFT),
  ),
  mutation('memcg-usage', 'populated', 'one page too many', () =>
    add(MEMCG_BASE + 2 * MEMCG_WORDS + MEMCG_USAGE, 1),
  ),
  ...Array.from({ length: NR_LRU_BASE + 5 }, (_, item) => item)
    .filter((item) => item <= NR_SWAPCACHE + 1 || item >= NR_LRU_BASE)
    .map((item) =>
      mutation('vmstat', 'populated', `item ${item}`, () =>
        add(item % 2 === 0 ? vmstatBase(item) : cpuVmstat(item), 1),
      ),
    ),
  mutation('swap-map', 'populated', 'one reference too many', () => {
    let slot = 1
    while (load(SWAP_MAP + slot) !== 1) slot++
    add(SWAP_MAP + slot, 1)
  }),
  mutation('swap-map', 'tornDown', 'one reference left', () => {
    let slot = 1
    while (load(SWAP_MAP + slot) !== 0) slot++
    add(SWAP_MAP + slot, 1)
  }),
  mutation('swap-cache', 'populated', 'a slot is not marked', () => {
    let slot = 1
    while ((load(SWAP_MAP + slot) & SWAP_HAS_CACHE) === 0) slot++
    add(SWAP_MAP + slot, -SWAP_HAS_CACHE)
  }),
  mutation('swap-cache', 'tornDown', 'a slot of no folio is marked', () => {
    let slot = 1
    while (load(SWAP_MAP + slot) !== 0) slot++
    poke(SWAP_MAP + slot, SWAP_HAS_CACHE)
  }),
  mutation('swap-cache', 'populated', 'the slots of another folio', () => {
    const first = findPfn(PG_SWAPCACHE, 0)
    const second = findPfn(PG_SWAPCACHE, 0, first + 1)
    poke(FOLIO_SWAP + second, load(FOLIO_SWAP + first))
  }),
]

const CPUS: Mutation[] = [
  mutation('gather-pending', 'tornDown', 'a slot in the local batch', () =>
    poke(cpu0() + CPU_LOCAL_BATCH + BATCH_NR, 1),
  ),
  mutation('gather-pending', 'tornDown', 'a batch page linked', () =>
    poke(cpu0() + CPU_LOCAL_BATCH + BATCH_NEXT, cpu0() + CPU_BATCH_FRAMES),
  ),
  mutation('gather-pending', 'tornDown', 'a slot in a batch page', () =>
    poke(cpu0() + CPU_BATCH_FRAMES + BATCH_NR, 1),
  ),
  mutation('gather-pending', 'tornDown', 'a table in the table batch', () =>
    poke(cpu0() + CPU_TABLE_BATCH + TABLE_BATCH_NR, 1),
  ),
  mutation('gather-pending', 'tornDown', 'a delayed rmap removal', () =>
    poke(cpu0() + TLB_DELAYED_RMAP, 1),
  ),
  mutation('tlb-unflushed', 'tornDown', 'cleared PTEs', () =>
    poke(cpu0() + TLB_CLEARED, CLEARED_PTES),
  ),
  mutation('rss-pending', 'tornDown', 'a page', () => poke(cpu0() + CPU_RSS + 1, -1)),
  mutation('folio-batch', 'tornDown', 'more folios than fit', () =>
    poke(cpu0() + CPU_ACTIVATE_BATCH + FBATCH_NR, 200),
  ),
  mutation('folio-batch', 'tornDown', 'an entry that is no folio', () => {
    poke(cpu0() + CPU_MLOCK_BATCH + FBATCH_NR, 1)
    poke(cpu0() + CPU_MLOCK_BATCH + FBATCH_FOLIOS, 2 * FOLIO_DEFERRED_LIST)
  }),
]

const CONSERVATION: Mutation[] = [
  mutation('pages-conserved', 'tornDown', 'more pages before', (census) => ({
    ...census,
    pagesInUse: census.pagesInUse + 1,
  })),
  mutation('folios-conserved', 'tornDown', 'freed twice', () => add(eventWord(E_FOLIOS_FREED), 1)),
  mutation('device-pages-conserved', 'tornDown', 'one too many', () => {
    add(eventWord(E_DEVICE_PAGES_FREED), 1)
    add(cpuVmstat(PGFREE), -1)
  }),
  mutation('mappings-conserved', 'populated', 'a PTE cleared twice', () =>
    add(eventWord(E_PTES_CLEARED), 1),
  ),
  mutation('split-queue-conserved', 'populated', 'an insertion of nothing', () =>
    add(eventWord(E_DEFERRED_SPLIT_INSERTS), 1),
  ),
  mutation('pgfree-conserved', 'tornDown', 'one too few', () => add(cpuVmstat(PGFREE), -1)),
  mutation('counter-negative', 'populated', 'an event', () => add(eventWord(E_COND_RESCHEDS), -1)),
  mutation('counter-negative', 'populated', 'a vmstat event', () => add(cpuVmstat(PGACTIVATE), -1)),
  mutation('batch-pages-bound', 'tornDown', 'too many batch pages', () => {
    add(eventWord(E_BATCH_PAGES), 1000)
    add(cpuVmstat(PGFREE), 1000)
    add(cpuVmstat(PGALLOC), 1000)
  }),
  mutation('chunk-bound', 'tornDown', 'too many slots', () =>
    add(eventWord(E_GATHER_SLOTS), 1_000_000),
  ),
  mutation('irqs-off-bound', 'tornDown', 'a hold of 33 slots', () =>
    poke(eventWord(E_IRQS_OFF_SLOTS_MAX), 33),
  ),
]

export const SUM_MUTATIONS: readonly Mutation[] = [
  ...LRU,
  ...SPLIT_QUEUES,
  ...SUMS,
  ...CPUS,
  ...CONSERVATION,
]
