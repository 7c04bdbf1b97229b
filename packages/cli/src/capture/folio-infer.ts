/**
 * Folios without the privilege to see page frames: inferred from what pagemap and smaps tell every user.
 *
 * Inferred: folios are of order 0, except where smaps says that huge pages are mapped (then order 9, on the lowest
 * aligned ranges that are fully present); a page that is not mapped exclusively has one more mapping, from outside.
 * Invariant: no folio is shared by two rows of different processes, for nothing tells that they are the same.
 */
import {
  addFolio,
  createFolioTable,
  type FolioTable,
  PROP_LRU,
  PROP_MLOCKED,
} from './folio-table.ts'
import { PMD_PAGES, pmdsMapped } from './pmd-mapped.ts'
import { cell, type PageRows, ROW_EXCLUSIVE, ROW_FILE } from './page-rows.ts'
import type { ReadProcess, ReadVma } from './process-read.ts'

const KIND_FILE = 1
const KIND_SHMEM = 2
const PMD_ORDER = 9

/** Names that the kernel gives to shared memory without a file on a disk. */
const SHMEM_PATH = /^(\/dev\/zero|\/dev\/shm\/|\/memfd:|\/SYSV|\[anon_shmem:)/

export function inferFolios(rows: PageRows, processes: ReadProcess[]): FolioTable {
  const table = createFolioTable(rows.length, rows.length)
  for (const { vmas } of processes) for (const read of vmas) inferVma(rows, read, table)
  return table
}

function inferVma(rows: PageRows, read: ReadVma, table: FolioTable): void {
  const huge = {
    anon: pmdsMapped(read.vma, 'anon'),
    shared: pmdsMapped(read.vma, 'file') + pmdsMapped(read.vma, 'shmem'),
  }
  for (let row = read.from; row < read.to; ) {
    const shared = (cell(rows.bits, row) & ROW_FILE) !== 0
    const left = shared ? huge.shared : huge.anon
    const pages = left > 0 && isHugeRange(rows, read, row) ? PMD_PAGES : 1
    if (pages === PMD_PAGES) huge[shared ? 'shared' : 'anon']--
    const folio = addFolio(table, pages === 1 ? 0 : PMD_ORDER, inferProps(rows, read, row))
    for (let page = 0; page < pages; page++) {
      table.rowFolio[row + page] = folio
      table.rowPage[row + page] = page
    }
    table.others[folio] = (cell(rows.bits, row) & ROW_EXCLUSIVE) === 0 ? 1 : 0
    row += pages
  }
}

function inferProps(rows: PageRows, read: ReadVma, row: number): number {
  const locked = read.vma.flags.has('lo') ? PROP_MLOCKED : 0
  if ((cell(rows.bits, row) & ROW_FILE) === 0) return PROP_LRU | locked
  const kind = SHMEM_PATH.test(read.vma.path) ? KIND_SHMEM : KIND_FILE
  return kind | PROP_LRU | locked
}

/** 512 neighbouring pages on a 2 MiB boundary that look alike. */
function isHugeRange(rows: PageRows, read: ReadVma, row: number): boolean {
  const at = cell(rows.at, row)
  if ((read.vma.first + at) % PMD_PAGES !== 0 || row + PMD_PAGES > read.to) return false
  if (cell(rows.at, row + PMD_PAGES - 1) !== at + PMD_PAGES - 1) return false
  const bits = cell(rows.bits, row)
  for (let page = 1; page < PMD_PAGES; page++) {
    if (cell(rows.bits, row + page) !== bits) return false
  }
  return true
}
