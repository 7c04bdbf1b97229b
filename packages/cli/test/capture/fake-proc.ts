/**
 * A procfs made of files in a temporary directory, as sparse as the real one.
 *
 * Owns the binary formats from the writing side, independent of the sources under test. Everything is written at once by
 * `fakeProc`; the directory is removed when the test ends.
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface FakeEntry {
  at: number
  /** 0: hidden, as for users without privileges. */
  pfn?: number
  file?: boolean
  exclusive?: boolean
  /** A non-present entry of this swap type. */
  swapType?: number
}

export interface FakeVma {
  /** First page. */
  first: number
  pages: number
  perms?: string
  path?: string
  vmFlags?: string
  /** Counters of smaps in KiB; Rss and Swap follow from the entries. */
  kb?: Record<string, number>
  entries?: FakeEntry[]
}

export interface FakeProcess {
  pid: number
  comm?: string
  state?: string
  taskFlags?: number
  tgid?: number
  cgroup?: string
  vmas: FakeVma[]
  /** Text of maps where it differs from smaps: the process changes while it is read. */
  maps?: string
}

export interface FakeFrame {
  pfn: number
  /** Bits of kpageflags, by name. */
  flags: string[]
  mapcount?: number
  cgroup?: number
}

const KPF_BITS: Record<string, number> = {
  referenced: 2,
  dirty: 4,
  lru: 5,
  active: 6,
  mmap: 11,
  anon: 12,
  swapcache: 13,
  swapbacked: 14,
  head: 15,
  tail: 16,
  huge: 17,
  nopage: 20,
  ksm: 21,
  thp: 22,
  zero: 24,
  mlocked: 33,
}

export interface FakeSystem {
  processes: FakeProcess[]
  frames?: FakeFrame[]
  /** Whether kpagecgroup exists. */
  kpagecgroup?: boolean
  /** Whether kpageflags and kpagecount exist. */
  kpage?: boolean
}

export interface FakeRoots {
  procRoot: string
  cgroupRoot: string
}

export function fakeProc(system: FakeSystem): FakeRoots {
  const base = mkdtempSync(join(tmpdir(), 'mmgather-proc-'))
  onTestFinished(() => {
    rmSync(base, { recursive: true, force: true })
  })
  const procRoot = join(base, 'proc')
  const cgroupRoot = join(base, 'cgroup')
  mkdirSync(cgroupRoot, { recursive: true })
  put(join(procRoot, 'sys/kernel/osrelease'), '6.99.1-acme-host7\n')
  for (const process of system.processes) putProcess(procRoot, process)
  if (system.kpage !== false) putFrames(procRoot, system)
  return { procRoot, cgroupRoot }
}

/** The frames of one folio: a head and its tails, all with the same flags and mapcount. */
export function folioFrames(
  pfn: number,
  order: number,
  flags: string[],
  mapcount: number | ((page: number) => number) = 1,
): FakeFrame[] {
  return Array.from({ length: 2 ** order }, (_, page) => ({
    pfn: pfn + page,
    flags: order === 0 ? flags : page === 0 ? ['head', ...flags] : ['tail', ...flags],
    mapcount: typeof mapcount === 'number' ? mapcount : mapcount(page),
  }))
}

/** Entries of consecutive pages in consecutive frames. */
export function entriesOf(
  at: number,
  pfn: number,
  pages: number,
  more: Partial<FakeEntry> = {},
): FakeEntry[] {
  return Array.from({ length: pages }, (_, page) => ({ at: at + page, pfn: pfn + page, ...more }))
}

function putProcess(procRoot: string, process: FakeProcess): void {
  const { pid, comm = 'fake', state = 'S', taskFlags = 0, tgid = pid, cgroup = '/a/b' } = process
  const directory = join(procRoot, String(pid))
  put(join(directory, 'stat'), `${pid} (${comm}) ${state} 1 1 1 0 -1 ${taskFlags} 0 0 0 0\n`)
  put(join(directory, 'status'), `Name:\t${comm}\nTgid:\t${tgid}\n`)
  put(join(directory, 'cgroup'), `1:cpu:/elsewhere\n0::${cgroup}\n`)
  put(join(directory, 'maps'), process.maps ?? process.vmas.map(headerOf).join(''))
  put(join(directory, 'smaps'), process.vmas.map(smapsOf).join(''))
  let resident = 0
  const fd = openSync(join(directory, 'pagemap'), 'w')
  for (const vma of process.vmas) {
    // The real file has an entry for every page; the last one makes this one as long.
    writeSync(fd, new Uint8Array(8), 0, 8, (vma.first + vma.pages - 1) * 8)
    for (const entry of vma.entries ?? []) {
      writeSync(fd, wordsOf(pagemapEntry(entry)), 0, 8, (vma.first + entry.at) * 8)
      if (entry.swapType === undefined) resident++
    }
  }
  closeSync(fd)
  put(join(directory, 'statm'), `${resident} ${resident} 0 0 0 0 0\n`)
}

function putFrames(procRoot: string, { frames = [], kpagecgroup }: FakeSystem): void {
  const flags = openSync(join(procRoot, 'kpageflags'), 'w')
  const count = openSync(join(procRoot, 'kpagecount'), 'w')
  const cgroup = kpagecgroup === true ? openSync(join(procRoot, 'kpagecgroup'), 'w') : undefined
  for (const frame of frames) {
    const at = frame.pfn * 8
    writeSync(flags, wordsOf(bitsOf(frame.flags)), 0, 8, at)
    writeSync(count, wordsOf(BigInt(frame.mapcount ?? 1)), 0, 8, at)
    if (cgroup !== undefined) writeSync(cgroup, wordsOf(BigInt(frame.cgroup ?? 0)), 0, 8, at)
  }
  for (const fd of [flags, count, cgroup]) if (fd !== undefined) closeSync(fd)
}

function pagemapEntry(entry: FakeEntry): bigint {
  if (entry.swapType !== undefined) return (1n << 62n) | (1n << 5n) | BigInt(entry.swapType)
  const file = entry.file === true ? 1n << 61n : 0n
  const exclusive = entry.exclusive === true ? 1n << 56n : 0n
  return (1n << 63n) | file | exclusive | (1n << 55n) | BigInt(entry.pfn ?? 0)
}

function bitsOf(names: string[]): bigint {
  return names.reduce((bits, name) => bits | (1n << BigInt(KPF_BITS[name] ?? 63)), 0n)
}

function headerOf(vma: FakeVma): string {
  const hex = (page: number): string => `${page.toString(16)}000`
  const range = `${hex(vma.first)}-${hex(vma.first + vma.pages)}`
  const path = vma.path === undefined ? '' : `                    ${vma.path}`
  return `${range} ${vma.perms ?? 'rw-p'} 00000000 00:00 0 ${path}\n`
}

function smapsOf(vma: FakeVma): string {
  const present = (vma.entries ?? []).filter(({ swapType }) => swapType === undefined).length
  const swapped = (vma.entries ?? []).filter(({ swapType = 99 }) => swapType < 23).length
  const kb = { KernelPageSize: 4, Rss: present * 4, Referenced: 0, Swap: swapped * 4, ...vma.kb }
  const counters = Object.entries(kb).map(
    ([name, value]) => `${`${name}:`.padEnd(20)}${value} kB\n`,
  )
  return `${headerOf(vma)}${counters.join('')}VmFlags: ${vma.vmFlags ?? 'rd wr mr mw'} \n`
}

function wordsOf(value: bigint): Uint8Array {
  return new Uint8Array(new BigUint64Array([value]).buffer)
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
