/**
 * The rules that `verify` checks, by name, with where each comes from.
 *
 * A name is stable: tests, reports and people refer to it. Sources are rules of the behavioural specification (H-...)
 * or the kernel function that keeps the rule. Owns the list only; each rule is checked in the file of its subject.
 */

import { CONSERVATION } from './rules-conservation.ts'

export interface VerifyRule {
  readonly rule: string
  readonly summary: string
  readonly source: string
}

const LOCKS = [
  { rule: 'lock-held', summary: 'every lock is free while no CPU runs', source: 'spin_unlock' },
  {
    rule: 'mcs-nesting',
    summary: 'no CPU waits in the queue of a lock',
    source: 'queued_spin_lock_slowpath',
  },
] as const

const FRAMES = [
  {
    rule: 'memmap-sections',
    summary: 'PFN to struct page and back is one to one',
    source: 'H-18',
  },
  {
    rule: 'page-claimed-twice',
    summary: 'a page frame is part of one thing only: a folio, a free block, a page table...',
    source: 'H-22',
  },
  {
    rule: 'page-lost',
    summary: 'a page without references is free: on a pcp list or part of a free block',
    source: 'H-25',
  },
  {
    rule: 'gather-page-leaked',
    summary: 'every page of a gather batch went back to the allocator',
    source: 'H-26',
  },
  {
    rule: 'folio-order',
    summary: 'the order of a large folio is that of its tail pages',
    source: 'prep_compound_page',
  },
  {
    rule: 'folio-alignment',
    summary: 'a folio starts at a multiple of its size',
    source: '__free_one_page',
  },
  {
    rule: 'folio-tail',
    summary: 'a tail page refers to its head, has no flags and no references of its own',
    source: 'free_tail_page_prepare',
  },
  {
    rule: 'folio-flags',
    summary: 'no folio is locked; only one on the LRU is active or unevictable, and not both',
    source: 'free_page_is_bad',
  },
  {
    rule: 'free-page-state',
    summary: 'a free page has no references, mappings or flags, and is no tail page',
    source: 'free_pages_prepare',
  },
] as const

const ALLOCATOR = [
  { rule: 'pcp-list', summary: 'pcp lists are well linked', source: 'free_unref_page_commit' },
  {
    rule: 'pcp-entry',
    summary: 'a page on a pcp list is of type PCP, of the order and the migrate type of the list',
    source: 'order_to_pindex',
  },
  {
    rule: 'pcp-count',
    summary: 'the count of a CPU is the number of pages on its lists',
    source: 'free_unref_page_commit',
  },
  { rule: 'pcp-missing', summary: 'a page of type PCP is on a pcp list', source: 'H-25' },
  { rule: 'buddy-list', summary: 'free lists are well linked', source: '__free_one_page' },
  {
    rule: 'buddy-entry',
    summary:
      'a block on a free list is of type BUDDY, of the order of the list, aligned, in the zone',
    source: '__free_one_page',
  },
  { rule: 'buddy-missing', summary: 'a page of type BUDDY is on a free list', source: 'H-25' },
  {
    rule: 'buddy-nr-free',
    summary: 'nr_free of an order is the number of blocks on its lists',
    source: 'add_to_free_list',
  },
  {
    rule: 'buddy-unmerged',
    summary: 'no two buddies of one order are both free',
    source: '__free_one_page',
  },
  {
    rule: 'zone-free-pages',
    summary: 'the free pages of the zone are those on its free lists',
    source: '__mod_zone_freepage_state',
  },
] as const

const ADDRESS_SPACE = [
  {
    rule: 'child-exited',
    summary: 'a forked child has exited before its parent goes on',
    source: 'kernel_clone',
  },
  { rule: 'mm-users', summary: 'mm_users is not negative', source: 'mmput' },
  {
    rule: 'mm-exited',
    summary: 'an mm without users has no VMAs and no page tables',
    source: 'exit_mmap',
  },
  {
    rule: 'vma-list',
    summary: 'VMAs are linked both ways, in address order, without overlap',
    source: 'exit_mmap',
  },
  { rule: 'vma-count', summary: 'map_count is the number of VMAs', source: '__split_vma' },
  {
    rule: 'vma-pool',
    summary: 'spare VMAs are linked once and are none of those in use',
    source: 'remove_vma',
  },
  { rule: 'rss', summary: 'rss is what the page tables hold, by kind', source: 'H-25' },
  {
    rule: 'pgtables',
    summary: 'the table count of an mm is its tables plus its deposited tables',
    source: 'mm_dec_nr_ptes',
  },
  {
    rule: 'tlb-flush-pending',
    summary: 'no gather of the mm is open',
    source: 'H-26',
  },
] as const

const PAGE_TABLES = [
  {
    rule: 'table-entry',
    summary: 'an upper-level entry refers to a page-table page',
    source: 'pmd_pgtable',
  },
  {
    rule: 'table-shared',
    summary: 'a page-table page is referred to once',
    source: 'free_pgtables',
  },
  {
    rule: 'table-page',
    summary: 'a page-table page has one reference, is its own head and has entries of its own',
    source: 'pgtable_pte_page_ctor',
  },
  {
    rule: 'table-leaked',
    summary: 'every page-table page belongs to an mm',
    source: 'free_pgtables',
  },
  {
    rule: 'table-freed-with-entries',
    summary: 'a table that was freed, or waits in reserve, holds no entries',
    source: 'H-23',
  },
  {
    rule: 'table-contents',
    summary: 'the entries of no page table wait for one on the list of one CPU',
    source: 'pte_alloc_one',
  },
  {
    rule: 'deposit',
    summary: 'a PMD page has as many tables in reserve as anonymous huge PMDs',
    source: 'pgtable_trans_huge_withdraw',
  },
  {
    rule: 'pmd-target',
    summary: 'a huge PMD maps the head of a folio of order 9 or more, or the huge zero page',
    source: 'zap_huge_pmd',
  },
  { rule: 'pte-outside-vma', summary: 'entries lie inside VMAs', source: 'H-23' },
  {
    rule: 'pte-target',
    summary: 'an entry refers to a page in use or a swap slot that exists',
    source: 'H-1',
  },
] as const

const COUNTS = [
  { rule: 'mapcount-negative', summary: '_mapcount >= -1', source: 'H-21' },
  {
    rule: 'mapcount',
    summary: '_mapcount + 1 is the number of PTEs that map the page',
    source: 'H-25',
  },
  {
    rule: 'entire-mapcount',
    summary: '_entire_mapcount + 1 is the number of PMDs that map the folio',
    source: 'H-25',
  },
  {
    rule: 'nr-pages-mapped',
    summary: '_nr_pages_mapped is the number of mapped pages, plus COMPOUND_MAPPED if PMD-mapped',
    source: 'H-21',
  },
  {
    rule: 'large-mapcount',
    summary:
      '_large_mapcount + 1 is the number of PTEs and PMDs that map the folio (from v6.10 on)',
    source: 'H-21',
  },
  {
    rule: 'mm-slots',
    summary:
      'the MM slots hold mappings that exist: each at least one, both no more than all (v6.15)',
    source: 'v6.15 include/linux/rmap.h',
  },
  { rule: 'refcount-negative', summary: '_refcount >= 0', source: 'H-21' },
  {
    rule: 'refcount-low',
    summary: 'every mapping, cache and pin has its reference (refcount >= mapcounts)',
    source: 'H-11',
  },
  {
    rule: 'refcount-high',
    summary: 'every reference has a holder: else the folio is never freed',
    source: 'H-9',
  },
] as const

const LISTS = [
  { rule: 'lru-list', summary: 'LRU lists are well linked', source: 'lruvec_del_folio' },
  {
    rule: 'lru-entry',
    summary: 'a folio on an LRU list has PG_lru and is on the list and lruvec that it belongs to',
    source: 'folio_lru_list',
  },
  {
    rule: 'lru-missing',
    summary: 'a folio with PG_lru is on a list (unevictable ones are only counted)',
    source: 'lruvec_add_folio',
  },
  {
    rule: 'lru-size',
    summary: 'lru_size is the number of pages on the list',
    source: 'update_lru_size',
  },
  {
    rule: 'mlock-count',
    summary: 'mlock_count of an unevictable folio is its locked mappings',
    source: '__munlock_folio',
  },
  {
    rule: 'split-queue-list',
    summary: 'deferred split queues are well linked',
    source: 'deferred_split_folio',
  },
  {
    rule: 'split-queue-entry',
    summary: 'a queued folio is anonymous, of order 2 or more, in use, on the queue of its memcg',
    source: 'H-15',
  },
  {
    rule: 'split-queue-missing',
    summary: 'a folio that is linked for deferred split is on a queue',
    source: 'H-13',
  },
  {
    rule: 'split-queue-len',
    summary: 'split_queue_len is the number of folios on the queue',
    source: 'deferred_split_folio',
  },
] as const

const SUMS = [
  { rule: 'memcg-id', summary: 'a page is charged to a memcg that exists', source: 'folio_memcg' },
  {
    rule: 'memcg-stock',
    summary:
      'a CPU has charged at most MEMCG_CHARGE_BATCH pages in advance, to a memcg that exists',
    source: 'refill_stock',
  },
  {
    rule: 'memcg-usage',
    summary: 'usage is the pages charged to a memcg and its descendants',
    source: 'page_counter_uncharge',
  },
  { rule: 'vmstat', summary: 'the statistics are what counting again gives', source: 'H-25' },
  {
    rule: 'swap-map',
    summary: 'a swap slot counts the entries that refer to it',
    source: 'swap_entry_free',
  },
  {
    rule: 'swap-cache',
    summary: 'a swapcache folio owns its slots, and no other slot is marked as owned',
    source: 'delete_from_swap_cache',
  },
] as const

const CPUS = [
  {
    rule: 'gather-pending',
    summary: 'no CPU has pages, tables or batches gathered',
    source: 'H-26',
  },
  {
    rule: 'tlb-unflushed',
    summary: 'what was cleared was flushed from the TLBs',
    source: 'H-1',
  },
  {
    rule: 'rss-pending',
    summary: 'no CPU has rss changes that it did not add',
    source: 'add_mm_rss_vec',
  },
  {
    rule: 'isolated-pending',
    summary: 'folios that reclaim has isolated are back on their list, or freed',
    source: 'move_folios_to_lru',
  },
  {
    rule: 'folio-batch',
    summary: 'a per-CPU folio batch has at most PAGEVEC_SIZE folios, all in use',
    source: 'folio_batch_add',
  },
] as const

const MORE = [
  { rule: 'more', summary: 'says how many violations are not listed', source: 'verify' },
] as const

export type RuleName =
  | (typeof LOCKS)[number]['rule']
  | (typeof FRAMES)[number]['rule']
  | (typeof ALLOCATOR)[number]['rule']
  | (typeof ADDRESS_SPACE)[number]['rule']
  | (typeof PAGE_TABLES)[number]['rule']
  | (typeof COUNTS)[number]['rule']
  | (typeof LISTS)[number]['rule']
  | (typeof SUMS)[number]['rule']
  | (typeof CPUS)[number]['rule']
  | (typeof CONSERVATION)[number]['rule']
  | (typeof MORE)[number]['rule']

/** Every rule, in the order in which `verify` checks their subjects. */
export const VERIFY_RULES: readonly VerifyRule[] = [
  ...LOCKS,
  ...FRAMES,
  ...ALLOCATOR,
  ...ADDRESS_SPACE,
  ...PAGE_TABLES,
  ...COUNTS,
  ...LISTS,
  ...SUMS,
  ...CPUS,
  ...CONSERVATION,
  ...MORE,
]
