/**
 * What a word of the bound machine is called in messages and counterexamples: folio A page 3 _mapcount, lruvec 0 lock.
 *
 * Folios are lettered in the order of their page frames, as the machine was before the execution. Invariant: names depend on
 * the scenario alone, so that those of two executions can be compared.
 */

import {
  CPU_BASE,
  CPU_STRIDE,
  FOLIO_MM_SLOTS,
  LARGE_MAPCOUNT,
  LRUVEC_BASE,
  MEMCG_BASE,
  MEMMAP,
  MM_BASE,
  MM_STRIDE,
  NR_CHILD_MMS,
  NR_CPUS,
  NR_LRUVECS,
  NR_MEMCGS,
  NR_PFNS,
  NR_PROCESSES,
  NR_PT,
  PT_BASE,
  SPLIT_QUEUE_BASE,
  ZONE,
} from '../../machine/globals.ts'
import {
  CONTROL,
  CONTROL_WORDS,
  CTL_DONE,
  LRUVEC_SIZES,
  LRUVEC_WORDS,
  MEMCG_USAGE,
  MEMCG_WORDS,
  MM_FLAGS,
  MM_IDS,
  MM_PGTABLES,
  MM_RSS,
  MM_SLOTS_WORDS,
  MM_TLB_FLUSH_PENDING,
  MM_USERS,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_WORDS,
  PCP_COUNT,
  PCP_LOCK,
  PG_TYPE_MASK,
  PG_TYPE_TABLE,
  PT_PTL,
  PTRS_PER_PTE,
  SPLIT_QUEUE_LEN,
  SPLIT_QUEUE_LOCK,
  SPLIT_QUEUE_WORDS,
  ZONE_FREE_PAGES,
  ZONE_WORDS,
} from '../../machine/layout.ts'
import { mem } from '../../machine/memory.ts'
import { pageToPfn, pfnToPage } from '../../machine/page.ts'

/** Letters of folios, by the address of the head page; tables by theirs. */
let letters = new Map<number, string>()
let tables = new Map<number, number>()
let heads = new Map<number, number>()

/** Takes names from the machine as it is now. */
export function bindNames(): void {
  letters = new Map()
  tables = new Map()
  heads = new Map()
  for (let pfn = 0; pfn < NR_PFNS; pfn++) {
    const page = pfnToPage(pfn)
    const type = (mem[page + PAGE_FLAGS] as number) & PG_TYPE_MASK
    const head = mem[page + PAGE_COMPOUND_HEAD] as number
    if (type === PG_TYPE_TABLE) tables.set(page, tables.size)
    else if (type === 0 || head !== page) {
      if (head === page) letters.set(page, letterOf(letters.size))
      heads.set(page, head)
    }
  }
}

/** A, B, ..., Z, AA, AB, ... */
function letterOf(n: number): string {
  const last = String.fromCharCode(65 + (n % 26))
  return n < 26 ? last : letterOf(Math.floor(n / 26) - 1) + last
}

/** The folio or page at an address of a struct page. */
export function nameOfPage(page: number): string {
  const table = tables.get(page)
  if (table !== undefined) return `page table ${table}`
  const head = heads.get(page) ?? page
  const letter = letters.get(head)
  if (letter === undefined) return `pfn ${pageToPfn(page)}`
  return `folio ${letter}`
}

const PAGE_FIELDS = ['flags', '_refcount', '_mapcount', 'compound_head', 'lru.next', 'lru.prev']
const TAIL_FIELDS: Readonly<Record<number, string>> = {
  6: 'order',
  7: '_nr_pages_mapped',
  10: '_entire_mapcount',
  11: '_large_mapcount',
  16: '_deferred_list.next',
  17: '_deferred_list.prev',
}

function nameOfPageWord(address: number): string {
  const page = address - ((address - MEMMAP) % PAGE_WORDS)
  const word = address - page
  if (tables.has(page))
    return `${nameOfPage(page)} ${word === PT_PTL ? 'ptl' : (PAGE_FIELDS[word] ?? word)}`
  const head = heads.get(page) ?? page
  const name = nameOfPage(page)
  if (head === page)
    return `${name} ${word === 2 && heads.get(page + PAGE_WORDS) === page ? 'page 0 ' : ''}${PAGE_FIELDS[word]}`
  const field = TAIL_FIELDS[address - head]
  if (field !== undefined) return `${name} ${field}`
  return `${name} page ${(page - head) / PAGE_WORDS} ${PAGE_FIELDS[word]}`
}

const MM_FIELDS: Readonly<Record<number, string>> = {
  [MM_USERS]: 'mm_users',
  [MM_TLB_FLUSH_PENDING]: 'tlb_flush_pending',
  [MM_FLAGS]: 'flags',
  [MM_RSS]: 'rss of file pages',
  [MM_RSS + 1]: 'rss of anon pages',
  [MM_RSS + 2]: 'rss of swap entries',
  [MM_RSS + 3]: 'rss of shmem pages',
  [MM_PGTABLES]: 'pgtables_bytes',
}

const SPLIT_QUEUE_FIELDS: Readonly<Record<number, string>> = {
  [SPLIT_QUEUE_LOCK]: 'split_queue_lock',
  [SPLIT_QUEUE_LEN]: 'split_queue_len',
}

interface Block {
  base: number
  stride: number
  count: number
  readonly name: (index: number, word: number) => string
}

function blocks(): Block[] {
  const field = (fields: Readonly<Record<number, string>>, word: number): string =>
    fields[word] ?? `word ${word}`
  return [
    {
      base: CONTROL,
      stride: CONTROL_WORDS,
      count: 1,
      name: (_, word) => (word === CTL_DONE ? 'processes done' : `control word ${word}`),
    },
    {
      base: CPU_BASE,
      stride: CPU_STRIDE,
      count: NR_CPUS,
      name: (i, word) =>
        `CPU ${i} ${field({ [PCP_LOCK]: 'pcp lock', [PCP_COUNT]: 'pcp count' }, word)}`,
    },
    {
      base: ZONE,
      stride: ZONE_WORDS,
      count: 1,
      name: (_, word) => `zone ${field({ 0: 'lock', [ZONE_FREE_PAGES]: 'free pages' }, word)}`,
    },
    {
      base: MEMCG_BASE,
      stride: MEMCG_WORDS,
      count: NR_MEMCGS + 1,
      name: (i, word) => `memcg ${i} ${field({ [MEMCG_USAGE]: 'usage' }, word)}`,
    },
    {
      base: SPLIT_QUEUE_BASE,
      stride: SPLIT_QUEUE_WORDS,
      count: NR_MEMCGS + 1,
      name: (i, word) => `memcg ${i} ${field(SPLIT_QUEUE_FIELDS, word)}`,
    },
    {
      base: LRUVEC_BASE,
      stride: LRUVEC_WORDS,
      count: NR_LRUVECS,
      name: (i, word) =>
        `lruvec ${i} ${word === 0 ? 'lru_lock' : word >= LRUVEC_SIZES ? 'lru_size' : `list word ${word}`}`,
    },
    {
      base: MM_BASE,
      stride: MM_STRIDE,
      count: NR_PROCESSES + NR_CHILD_MMS,
      name: (i, word) => `mm ${i} ${field(MM_FIELDS, word)}`,
    },
    {
      base: FOLIO_MM_SLOTS,
      stride: MM_SLOTS_WORDS,
      count: LARGE_MAPCOUNT === 2 ? (NR_PFNS + 1) >> 1 : 0,
      name: (i, word) =>
        `${nameOfPage(pfnToPage(2 * i))} ${word === MM_IDS ? '_mm_ids lock' : `_mm_id slot word ${word}`}`,
    },
    {
      base: PT_BASE,
      stride: PTRS_PER_PTE,
      count: NR_PT,
      name: (i, word) => `page-table content ${i} entry ${word}`,
    },
  ]
}

/** What the word at an address is. */
export function nameOfWord(address: number): string {
  if (address >= MEMMAP && address < MEMMAP + NR_PFNS * PAGE_WORDS) return nameOfPageWord(address)
  if (address >= mem.length) return `TLB of CPU ${address - mem.length}`
  for (const { base, stride, count, name } of blocks()) {
    const i = Math.floor((address - base) / stride)
    if (i >= 0 && i < count) return name(i, address - base - i * stride)
  }
  return `word ${address}`
}
