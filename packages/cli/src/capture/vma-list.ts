/**
 * The VMAs of a process as /proc/N/maps and /proc/N/smaps print them.
 *
 * Owns the text formats. Invariants: VMAs are in ascending order, in units of 4 KiB pages (the numbers would not fit
 * a double in bytes on five-level page tables), counters are in KiB and 0 where the kernel does not print them.
 */

export interface SmapsVma {
  /** First page, counted from virtual address 0. */
  first: number
  pages: number
  /** `rwxp`: p for private, s for shared. */
  perms: string
  /** What the last column says, '' for plain anonymous memory. */
  path: string
  /** VmFlags, two letters each. */
  flags: ReadonlySet<string>
  kb: ReadonlyMap<string, number>
}

const HEADER = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)$/
const COUNTER = /^(\w+): +(\d+) kB$/

export const kbOf = (vma: SmapsVma, counter: string): number => vma.kb.get(counter) ?? 0

export const isShared = (vma: SmapsVma): boolean => vma.perms[3] === 's'

/** Reads smaps, or maps: then flags and counters are empty. */
export function parseSmaps(text: string): SmapsVma[] {
  const vmas: SmapsVma[] = []
  let kb = new Map<string, number>()
  let flags = new Set<string>()
  for (const line of text.split('\n')) {
    const header = HEADER.exec(line)
    if (header !== null) {
      const [, start = '', end = '', perms = '', path = ''] = header
      kb = new Map()
      flags = new Set()
      const first = pageOf(start)
      vmas.push({ first, pages: pageOf(end) - first, perms, path, flags, kb })
      continue
    }
    const counter = COUNTER.exec(line)
    if (counter !== null) {
      const [, name = '', value = ''] = counter
      kb.set(name, Number(value))
    } else if (line.startsWith('VmFlags:')) {
      for (const flag of line.slice('VmFlags:'.length).trim().split(/\s+/)) flags.add(flag)
    }
  }
  return vmas
}

/** What identifies a VMA when two lists are compared: everything that maps prints except the file's offset. */
function vmaKey(vma: SmapsVma): string {
  const { first, pages, perms, path } = vma
  return `0x${first.toString(16)}000-0x${(first + pages).toString(16)}000 ${perms} ${path}`.trim()
}

/** Keys that are in one list and not in the other: VMAs that came, went or changed. */
export function changedVmas(before: SmapsVma[], after: SmapsVma[]): string[] {
  const old = new Set(before.map(vmaKey))
  const now = new Set(after.map(vmaKey))
  return [...old.symmetricDifference(now)]
}

/** A page-aligned address in hex, as a page number: the last three digits are zero. */
function pageOf(hex: string): number {
  return Number.parseInt(hex.slice(0, -3), 16) || 0
}
