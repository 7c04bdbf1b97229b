/**
 * A page frame in one line: what it is, its flags by name, its counts, the list that it is on. For the messages of
 * verify and for debuggers.
 */

import { NR_PFNS } from '../globals.ts'
import {
  COMPOUND_MAPPED,
  FOLIO_DEFERRED_LIST,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  FOLIO_ORDER,
  FOLIO_ORDER_MASK,
  FOLIO_PAGES_MAPPED,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_LRU,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PG_ACTIVE,
  PG_ANON,
  PG_DIRTY,
  PG_HEAD,
  PG_LOCKED,
  PG_LRU,
  PG_MLOCKED,
  PG_MOVABLE,
  PG_REFERENCED,
  PG_SWAPBACKED,
  PG_SWAPCACHE,
  PG_TYPE_BUDDY,
  PG_TYPE_HUGE_ZERO,
  PG_TYPE_MASK,
  PG_TYPE_PCP,
  PG_TYPE_RESERVED,
  PG_TYPE_SHIFT,
  PG_TYPE_TABLE,
  PG_TYPE_ZONE_DEVICE,
  PG_TYPE_ZONE_DEVICE_FSDAX,
  PG_UNEVICTABLE,
  PG_WRITEBACK,
} from '../layout.ts'
import { bindMachine, type Machine } from '../machine.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { memcgIdOf } from './accounting.ts'
import { describeList } from './describe-list.ts'
import { pfnAt } from './memmap.ts'

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [PG_LOCKED, 'locked'],
  [PG_REFERENCED, 'referenced'],
  [PG_DIRTY, 'dirty'],
  [PG_LRU, 'lru'],
  [PG_ACTIVE, 'active'],
  [PG_UNEVICTABLE, 'unevictable'],
  [PG_MLOCKED, 'mlocked'],
  [PG_SWAPCACHE, 'swapcache'],
  [PG_SWAPBACKED, 'swapbacked'],
  [PG_ANON, 'anon'],
  [PG_HEAD, 'head'],
  [PG_WRITEBACK, 'writeback'],
  [PG_MOVABLE, 'movable'],
]

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [PG_TYPE_BUDDY, 'free block'],
  [PG_TYPE_TABLE, 'page table'],
  [PG_TYPE_PCP, 'free on a CPU'],
  [PG_TYPE_ZONE_DEVICE, 'device memory'],
  [PG_TYPE_ZONE_DEVICE_FSDAX, 'fsdax memory'],
  [PG_TYPE_HUGE_ZERO, 'huge zero page'],
  [PG_TYPE_RESERVED, 'reserved'],
])

/** One line about a page frame of a machine. */
export function describePage(machine: Machine, pfn: number): string {
  bindMachine(machine)
  if (!(pfn >= 0 && pfn < NR_PFNS)) return `pfn ${pfn}: does not exist (${NR_PFNS} page frames)`
  const page = pfnToPage(pfn)
  const linked = load(page + PAGE_LRU) !== 0 && load(page + PAGE_LRU + 1) !== 0
  const list = linked ? describeList(page + PAGE_LRU, PAGE_LRU) : ''
  return describeFrame(pfn) + (list === '' ? '' : `, on ${list}`)
}

/** The same for the bound machine, without looking for the list that the page is on. */
export function describeFrame(pfn: number): string {
  const page = pfnToPage(pfn)
  const flags = load(page + PAGE_FLAGS)
  const type = flags & PG_TYPE_MASK
  const parts = [`pfn ${pfn}: ${describeKind(pfn, page, flags)}`]
  // in page[1] this word holds the order
  const tail = load(page + PAGE_COMPOUND_HEAD) !== page
  const names = FLAG_NAMES.filter(([bit]) => !tail && (flags & bit) !== 0).map(([, name]) => name)
  if (names.length > 0) parts.push(`flags ${names.join('|')}`)
  parts.push(`refcount ${load(page + PAGE_REFCOUNT)}`)
  // in page tables this word is the list of tables in reserve
  if (type !== PG_TYPE_TABLE) parts.push(`mapcount ${load(page + PAGE_MAPCOUNT)}`)
  if (type !== PG_TYPE_BUDDY && memcgIdOf(flags) !== 0) parts.push(`memcg ${memcgIdOf(flags)}`)
  if ((flags & PG_HEAD) !== 0) parts.push(...describeLarge(page))
  return parts.join(', ')
}

function describeKind(pfn: number, page: number, flags: number): string {
  const head = load(page + PAGE_COMPOUND_HEAD)
  if (head !== page) {
    const headPfn = pfnAt(head)
    return headPfn < 0 ? `tail page of no folio` : `page ${pfn - headPfn} of folio ${headPfn}`
  }
  const type = flags & PG_TYPE_MASK
  const order = (flags & PG_HEAD) === 0 ? 0 : load(page + FOLIO_ORDER) & FOLIO_ORDER_MASK
  // the rest of a free block looks like this
  if (type === 0 && order === 0 && load(page + PAGE_REFCOUNT) === 0)
    return 'page without references'
  if (type === 0) return `folio of order ${order}`
  const name = TYPE_NAMES.get(type) ?? `type ${type >> PG_TYPE_SHIFT}`
  // the memcg bits of a free block hold its order
  if (type === PG_TYPE_BUDDY) return `${name} of order ${memcgIdOf(flags)}`
  return order > 0 ? `${name} of order ${order}` : name
}

/** The counts of a large folio, and whether it waits to be split. */
function describeLarge(page: number): string[] {
  const order = load(page + FOLIO_ORDER) & FOLIO_ORDER_MASK
  const mapped = load(page + FOLIO_NR_PAGES_MAPPED)
  const parts = [
    `entire_mapcount ${load(page + FOLIO_ENTIRE_MAPCOUNT)}`,
    `nr_pages_mapped ${mapped & FOLIO_PAGES_MAPPED}${(mapped & COMPOUND_MAPPED) === 0 ? '' : '+C'}`,
  ]
  const node = page + FOLIO_DEFERRED_LIST
  if (order >= 2 && load(node) !== node) parts.push('queued for deferred split')
  return parts
}
