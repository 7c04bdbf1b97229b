/**
 * Assertions of the kernel text: `bugOn(condition, BUG_X)` (VM_BUG_ON and friends).
 *
 * The kernel text can neither build strings nor throw, so that it can be compiled; it names what broke by a code, and
 * engines turn the code into words.
 */

export const BUG_GATHER_BEFORE_RANGE = 1
export const BUG_BATCH_OVERFLOW = 2
export const BUG_NEGATIVE_MAPCOUNT = 3
export const BUG_NEGATIVE_NR_PAGES_MAPPED = 4
export const BUG_NEGATIVE_REFCOUNT = 5
export const BUG_RANGE_LEAVES_FOLIO = 6
export const BUG_FREED_IN_USE = 7
export const BUG_FREED_FLAGS = 8
export const BUG_FREED_MAPPED = 9
export const BUG_FREED_QUEUED = 10
export const BUG_DEFERRED_ORDER = 12
export const BUG_BUDDY_ORDER = 13
export const BUG_NO_FRAME = 14
export const BUG_SWAP_COUNT = 16
export const BUG_TABLE_NOT_FOUND = 17
export const BUG_NO_DEPOSIT = 18
export const BUG_VMA_POOL = 19
export const BUG_LRU_SIZE = 20
export const BUG_NOT_HEAD = 21
export const BUG_SPLIT_PARTIAL = 22
export const BUG_UNQUEUE_REFERENCED = 23
export const BUG_TAIL_FREED = 24
export const BUG_OUT_OF_MEMORY = 25
export const BUG_NO_TABLE_CONTENT = 26
export const BUG_NO_VMA = 27
export const BUG_FAULT_ENTRY = 28
export const BUG_ALLOCATED_STATE = 29
export const BUG_VMA_OVERLAP = 30

/** What each code means; index is the code. */
export const BUG_TEXT: readonly string[] = [
  'no bug',
  '__tlb_remove_page_size: a page is gathered before the TLB range was extended (tlb->end == 0)',
  '__tlb_remove_page_size: batch->nr > batch->max',
  'page_remove_rmap: _mapcount fell below -1',
  'page_remove_rmap: _nr_pages_mapped fell below 0',
  'release_pages: _refcount fell below 0',
  'folio_remove_rmap_range: the range leaves its folio (it spans two folios)',
  'free_pages_prepare: the page is free already (freed twice)',
  'free_pages_prepare: PAGE_FLAGS_CHECK_AT_FREE set (page on the LRU, locked or in the swap cache)',
  'free_pages_prepare: a page of the folio is still mapped (_mapcount != -1)',
  'free_pages_prepare: the folio is still on the deferred split queue',
  'code 11 is not used',
  'deferred_split_folio: order below 2 (the list lies in page[2])',
  '__free_one_page: a buddy of the wrong order',
  'tlb_next_batch: more batch pages than the machine has contents for',
  'code 15 is not used',
  'free_swap_and_cache: swap_map count fell below 0',
  'free_pgd_range: page table missing',
  'pgtable_trans_huge_withdraw: no deposited page table',
  'split_vma: no spare vm_area_struct',
  'lruvec_del_folio: lru_size underflow',
  'page_remove_rmap: compound, but not a head page',
  '__split_huge_pmd: entry is not a huge page',
  'free_transhuge_page: unqueue with a non-zero _refcount',
  'free_pages_prepare: a tail page was freed on its own',
  'get_page_from_freelist: the zone has no free block',
  'pte_alloc_one: more page tables than the machine has contents for',
  'handle_mm_fault: no VMA at this address',
  'handle_pte_fault: an entry that is neither a page nor empty',
  'check_new_page: the page is not free (referenced or mapped)',
  'mmap_region: the addresses are mapped already',
]
