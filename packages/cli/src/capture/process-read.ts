/**
 * Reads one process: its VMA list, then the entries of every VMA that holds something, then the list again.
 *
 * A running process changes while it is read. Invariant: what is returned comes from one attempt; if the lists before
 * and after differ it is the last of ATTEMPTS, and `changed` names the VMAs that differ.
 */
import { emptyProcess, type ProcessStatus } from './process-status.ts'
import { createPagemapReader, type PagemapReader, scanVma } from './pagemap.ts'
import type { PageRows } from './page-rows.ts'
import { readProcText, withProcFile } from './proc-files.ts'
import { CaptureError } from './capture-error.ts'
import { changedVmas, kbOf, parseSmaps, type SmapsVma } from './vma-list.ts'

const ATTEMPTS = 3

/** Pages in the user half of a 47-bit address space, beyond which a scenario file cannot go. */
const USER_PAGES = 2 ** 35

export interface ReadVma {
  vma: SmapsVma
  /** normal: contents in rows `from` to `to`; special: PTEs without struct pages; hugetlb and kernel: left out. */
  content: 'normal' | 'special' | 'hugetlb' | 'kernel'
  from: number
  to: number
  present: number
  swapRuns: { at: number; pages: number }[]
  /** Entries that hold neither a page nor a swap slot: migration, poison, guard markers. */
  otherEntries: number
}

export interface ReadProcess {
  pid: number
  comm: string
  cgroupPath: string
  vmas: ReadVma[]
  changed: string[]
  attempts: number
}

export function readProcess(procRoot: string, status: ProcessStatus, rows: PageRows): ReadProcess {
  const { pid, comm, cgroupPath } = status
  const start = rows.length
  for (let attempt = 1; ; attempt++) {
    rows.length = start
    const before = parseSmaps(readProcText(procRoot, pid, 'maps'))
    const vmas = parseSmaps(readProcText(procRoot, pid, 'smaps'))
    if (vmas.length === 0) throw emptyProcess(procRoot, pid)
    checkPageSize(pid, vmas)
    const read = withProcFile(procRoot, pid, 'pagemap', (fd) => {
      const reader = createPagemapReader(fd, pid)
      return vmas.map((vma) => readVma(reader, vma, rows))
    })
    const after = parseSmaps(readProcText(procRoot, pid, 'maps'))
    if (after.length === 0) throw emptyProcess(procRoot, pid)
    const changed = [...new Set([...changedVmas(before, vmas), ...changedVmas(vmas, after)])]
    if (changed.length === 0 || attempt === ATTEMPTS) {
      return { pid, comm, cgroupPath, vmas: read, changed, attempts: attempt }
    }
  }
}

function readVma(reader: PagemapReader, vma: SmapsVma, rows: PageRows): ReadVma {
  const content = contentOf(vma)
  const from = rows.length
  const none = { present: 0, swapRuns: [], special: 0 }
  const empty = kbOf(vma, 'Rss') === 0 && kbOf(vma, 'Swap') === 0
  const skip = content === 'normal' ? empty : content !== 'special'
  const entries = skip ? none : scanVma(reader, vma, content === 'normal' ? rows : undefined)
  return {
    vma,
    content,
    from,
    to: rows.length,
    present: entries.present,
    swapRuns: entries.swapRuns,
    otherEntries: entries.special,
  }
}

function contentOf(vma: SmapsVma): ReadVma['content'] {
  if (vma.first + vma.pages > USER_PAGES) return 'kernel'
  if (vma.flags.has('ht')) return 'hugetlb'
  if (vma.flags.has('pf')) return 'special'
  return 'normal'
}

function checkPageSize(pid: number, vmas: SmapsVma[]): void {
  for (const vma of vmas) {
    const size = kbOf(vma, 'KernelPageSize')
    if (size === 0 || size === 4 || vma.flags.has('ht')) continue
    throw new CaptureError({
      field: 'pid',
      value: pid,
      problem: `its pages are ${size} KiB`,
      allowed: 'processes of kernels with 4 KiB pages: the model has no other size',
      wayOut: 'capture on a kernel with 4 KiB pages',
    })
  }
}
