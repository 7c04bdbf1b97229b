/**
 * Finds the folios behind the PFNs of a capture, by reading the flags and mapcounts of their page frames.
 *
 * What is read: order (from compound head and tail flags), kind, LRU and other flags (of the head, where they live),
 * memcg, and mappings from outside (mapcount minus what the capture saw). Invariant: every folio is naturally aligned
 * and a power of two long; what the frames say beyond that is rounded down, and counted in `FrameOddities`.
 */
import {
  addFolio,
  createFolioTable,
  type FolioTable,
  PROP_ACTIVE,
  PROP_DIRTY,
  PROP_LRU,
  PROP_MLOCKED,
  PROP_REFERENCED,
  PROP_SWAPCACHE,
} from './folio-table.ts'
import {
  BLOCK_FRAMES,
  cgroupInodeAt,
  createKpageWindow,
  flagsAt,
  highFlagsAt,
  KPF,
  KPF_HIGH_MLOCKED,
  type KpageFiles,
  type KpageWindow,
  mapcountAt,
  readKpageWindow,
  WINDOW_FRAMES,
} from './kpage-files.ts'
import { cell, type PageRows } from './page-rows.ts'

/** Page frames (not PTEs) that are not as the model has them. */
export interface FrameOddities {
  zero: number
  hugetlb: number
  /** No struct page, or one that is not counted in any mapping. */
  unmapped: number
  /** Compound flags that make no folio. */
  torn: number
  ksm: number
  /** Folios whose pages have different numbers of outside mappings. */
  uneven: number
  /** Frames with fewer mappings than the capture saw. */
  overcounted: number
}

interface Frames {
  /** Distinct PFNs in ascending order, and how often the capture saw each. */
  pfn: Float64Array
  seen: Int32Array
  folio: Int32Array
  page: Uint16Array
  count: number
}

/** The folio that the frame before belonged to: neighbours mostly share it. */
interface Current {
  head: number
  end: number
  folio: number
}

const LEFT_OUT = -1

/** The largest mappedByOthers of a scenario file. */
const OTHERS_MAX = 1_000_000

export function readFolios(
  rows: PageRows,
  files: KpageFiles,
): { table: FolioTable; oddities: FrameOddities } {
  const frames = distinctFrames(rows)
  const table = createFolioTable(rows.length, frames.count)
  const oddities: FrameOddities = {
    zero: 0,
    hugetlb: 0,
    unmapped: 0,
    torn: 0,
    ksm: 0,
    uneven: 0,
    overcounted: 0,
  }
  const window = createKpageWindow()
  const cgroups = new Map<number, number>()
  const current: Current = { head: 0, end: 0, folio: LEFT_OUT }
  for (let i = 0; i < frames.count; ) {
    const next = readAround(files, window, frames, i)
    for (; i < next; i++) classify(window, frames, i, current, table, oddities, cgroups)
  }
  table.cgroupInodes = files.cgroupFd === undefined ? [] : [...cgroups.keys()]
  if (files.cgroupFd === undefined) table.cgroup.fill(-1)
  assignRows(rows, frames, table)
  return { table, oddities }
}

function distinctFrames(rows: PageRows): Frames {
  const pfn = rows.pfn.slice(0, rows.length).sort()
  const seen = new Int32Array(pfn.length)
  let count = 0
  for (let i = 0; i < pfn.length; i++) {
    if (i === 0 || pfn[i] !== pfn[count - 1]) pfn[count++] = cell(pfn, i)
    seen[count - 1] = cell(seen, count - 1) + 1
  }
  const folio = new Int32Array(count).fill(LEFT_OUT)
  return { pfn: pfn.subarray(0, count), seen, folio, page: new Uint16Array(count), count }
}

/** Reads the window that starts with frame i's block and ends at the first gap; returns the first frame beyond it. */
function readAround(files: KpageFiles, window: KpageWindow, frames: Frames, i: number): number {
  const blockOf = (frame: number): number => Math.floor(cell(frames.pfn, frame) / BLOCK_FRAMES)
  const first = blockOf(i)
  let last = first
  let next = i
  for (; next < frames.count; next++) {
    const block = blockOf(next)
    if (block > last + 1 || (block - first + 1) * BLOCK_FRAMES > WINDOW_FRAMES) break
    last = block
  }
  readKpageWindow(files, window, first * BLOCK_FRAMES, (last - first + 1) * BLOCK_FRAMES)
  return next
}

function classify(
  window: KpageWindow,
  frames: Frames,
  frame: number,
  current: Current,
  table: FolioTable,
  oddities: FrameOddities,
  cgroups: Map<number, number>,
): void {
  const pfn = cell(frames.pfn, frame)
  const at = pfn - window.base
  const flags = flagsAt(window, at)
  const mapcount = mapcountAt(window, at)
  if ((flags & KPF.ZERO_PAGE) !== 0) oddities.zero++
  else if ((flags & KPF.HUGETLB) !== 0) oddities.hugetlb++
  else if ((flags & KPF.NOPAGE) !== 0 || mapcount === 0) oddities.unmapped++
  else {
    if (pfn >= current.end) startFolio(window, at, current, table, oddities, cgroups)
    const outside = mapcount - cell(frames.seen, frame)
    if (outside < 0) oddities.overcounted++
    noteOthers(table, current.folio, Math.max(0, outside), oddities)
    frames.folio[frame] = current.folio
    frames.page[frame] = pfn - current.head
  }
}

/** Adds the folio that the page at `at` belongs to and makes it the current one. */
function startFolio(
  window: KpageWindow,
  at: number,
  current: Current,
  table: FolioTable,
  oddities: FrameOddities,
  cgroups: Map<number, number>,
): void {
  const { head, order } = folioAround(window, at, oddities)
  const flags = flagsAt(window, head)
  if ((flags & KPF.KSM) !== 0) oddities.ksm++
  const folio = addFolio(table, order, propsOf(flags, highFlagsAt(window, head)))
  const inode = cgroupInodeAt(window, head)
  const cgroup = cgroups.get(inode) ?? cgroups.size
  cgroups.set(inode, cgroup)
  table.cgroup[folio] = cgroup
  // Not known before the first of its mapped pages; see noteOthers.
  table.others[folio] = -1
  current.head = window.base + head
  current.end = current.head + 2 ** order
  current.folio = folio
}

function folioAround(
  window: KpageWindow,
  at: number,
  oddities: FrameOddities,
): { head: number; order: number } {
  const block = at - (at % BLOCK_FRAMES)
  const isTail = (i: number): boolean => (flagsAt(window, i) & KPF.TAIL) !== 0
  let head = at
  while (head > block && isTail(head)) head--
  if ((flagsAt(window, head) & KPF.HEAD) === 0) {
    if (isTail(at)) oddities.torn++
    return { head: at, order: 0 }
  }
  let pages = 1
  while (head + pages < block + BLOCK_FRAMES && isTail(head + pages)) pages++
  let order = Math.floor(Math.log2(pages))
  while ((head - block) % 2 ** order !== 0) order--
  if (2 ** order !== pages) oddities.torn++
  return head + 2 ** order > at ? { head, order } : { head: at, order: 0 }
}

function propsOf(flags: number, high: number): number {
  const has = (flag: number, prop: number): number => ((flags & flag) === 0 ? 0 : prop)
  const kind = (flags & KPF.ANON) !== 0 ? 0 : (flags & KPF.SWAPBACKED) !== 0 ? 2 : 1
  return (
    kind |
    has(KPF.LRU, PROP_LRU) |
    has(KPF.ACTIVE, PROP_ACTIVE) |
    has(KPF.REFERENCED, PROP_REFERENCED) |
    has(KPF.DIRTY, PROP_DIRTY) |
    has(KPF.SWAPCACHE, PROP_SWAPCACHE) |
    ((high & KPF_HIGH_MLOCKED) === 0 ? 0 : PROP_MLOCKED)
  )
}

/** A scenario has one number per folio: the smallest that holds for every page that the capture maps. */
function noteOthers(
  table: FolioTable,
  folio: number,
  outside: number,
  oddities: FrameOddities,
): void {
  const known = cell(table.others, folio)
  const others = Math.min(outside, OTHERS_MAX)
  if (known === -1) table.others[folio] = others
  else if (known !== others) {
    oddities.uneven++
    table.others[folio] = Math.min(known, others)
  }
}

function assignRows(rows: PageRows, frames: Frames, table: FolioTable): void {
  let frame = 0
  for (let row = 0; row < rows.length; row++) {
    const pfn = cell(rows.pfn, row)
    // Neighbouring pages mostly have neighbouring frames.
    frame = frames.pfn[frame + 1] === pfn ? frame + 1 : findFrame(frames, pfn)
    table.rowFolio[row] = cell(frames.folio, frame)
    table.rowPage[row] = cell(frames.page, frame)
  }
}

function findFrame(frames: Frames, pfn: number): number {
  let low = 0
  let high = frames.count - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (cell(frames.pfn, middle) < pfn) low = middle + 1
    else high = middle
  }
  return low
}
