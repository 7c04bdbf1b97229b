/**
 * The page-table entries of a VMA as /proc/N/pagemap tells them: 64 bits per page.
 *
 * Owns the entry format (Documentation/admin-guide/mm/pagemap.rst). Read in blocks of 1 MiB; of a huge sparse mapping
 * only until as many pages were found as smaps counted, for its tail is usually empty.
 */
import { goneError } from './capture-error.ts'
import { pushPageRow, ROW_EXCLUSIVE, ROW_FILE, type PageRows } from './page-rows.ts'
import { readFully } from './proc-files.ts'
import { kbOf, type SmapsVma } from './vma-list.ts'

const ENTRY_BYTES = 8
const BLOCK_ENTRIES = 131_072

/** Bits of the upper half of an entry. */
const PRESENT = 1 << 31
const SWAPPED = 1 << 30
const FILE_OR_SHARED = 1 << 29
const EXCLUSIVE = 1 << 24
const PFN_HIGH = (1 << 23) - 1

/**
 * Swap types (bits 0 to 4) from here on are not swap areas but migration, device-private, poison and marker entries:
 * MAX_SWAPFILES of a kernel with all of these configured. Fewer are configured on some kernels, but 23 swap areas are rare.
 */
const FIRST_SPECIAL_TYPE = 23
const TYPE_MASK = 31

/** From this size on (4 GiB) reading stops when all that smaps counted has been found. */
const SPARSE_PAGES = 1 << 20

export interface PagemapReader {
  fd: number
  pid: number
  block: Uint8Array
  words: Uint32Array
}

export interface VmaEntries {
  present: number
  swapRuns: { at: number; pages: number }[]
  /** Non-present entries that hold no swapped page. */
  special: number
}

export function createPagemapReader(fd: number, pid: number): PagemapReader {
  const block = new Uint8Array(BLOCK_ENTRIES * ENTRY_BYTES)
  return { fd, pid, block, words: new Uint32Array(block.buffer) }
}

/** Scans a VMA; its present pages go to `rows`, unless there is none to put them in and they are only counted. */
export function scanVma(reader: PagemapReader, vma: SmapsVma, rows?: PageRows): VmaEntries {
  const entries: VmaEntries = { present: 0, swapRuns: [], special: 0 }
  const expected = (kbOf(vma, 'Rss') + kbOf(vma, 'Swap')) / 4
  let swapped = 0
  for (let at = 0; at < vma.pages; at += BLOCK_ENTRIES) {
    const count = Math.min(BLOCK_ENTRIES, vma.pages - at)
    const position = (vma.first + at) * ENTRY_BYTES
    const got = readFully(reader.fd, reader.block, count * ENTRY_BYTES, position)
    // The file stays open when the process ends, but then it reads as empty.
    if (got === 0 && at === 0) throw goneError(reader.pid)
    swapped += scanBlock(reader.words, Math.floor(got / ENTRY_BYTES), at, entries, rows)
    const complete = rows !== undefined && entries.present + swapped >= expected
    if (complete && vma.pages >= SPARSE_PAGES) break
  }
  return entries
}

function scanBlock(
  words: Uint32Array,
  count: number,
  base: number,
  entries: VmaEntries,
  rows: PageRows | undefined,
): number {
  let swapped = 0
  for (let i = 0; i < count; i++) {
    const high = words[2 * i + 1] ?? 0
    if ((high & (PRESENT | SWAPPED)) === 0) continue
    const low = words[2 * i] ?? 0
    if ((high & PRESENT) !== 0) {
      entries.present++
      if (rows === undefined) continue
      const file = (high & FILE_OR_SHARED) === 0 ? 0 : ROW_FILE
      const exclusive = (high & EXCLUSIVE) === 0 ? 0 : ROW_EXCLUSIVE
      pushPageRow(rows, base + i, (high & PFN_HIGH) * 2 ** 32 + low, file | exclusive)
    } else if ((low & TYPE_MASK) >= FIRST_SPECIAL_TYPE) {
      entries.special++
    } else {
      swapped++
      addSwapped(entries.swapRuns, base + i)
    }
  }
  return swapped
}

function addSwapped(runs: { at: number; pages: number }[], at: number): void {
  const last = runs.at(-1)
  if (last !== undefined && last.at + last.pages === at) last.pages++
  else runs.push({ at, pages: 1 })
}
