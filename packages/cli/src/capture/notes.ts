/**
 * What a capture says about itself: what was read, what is inferred, what is left out, what changed meanwhile.
 *
 * Invariant: each note starts with one of `read: `, `inferred: `, `left out: ` or `changed: `. With --anonymize the
 * notes hold no more of the captured system than the scenario does.
 */
import { REGIONS_MAX } from './address-space.ts'
import type { VmaTally } from './captured-vmas.ts'
import type { FrameOddities } from './folio-read.ts'

export interface CaptureFacts {
  anonymize: boolean
  /** Absent: page frames could not be read. */
  oddities: FrameOddities | undefined
  /** Whether the kernel told which memcg each folio is charged to. */
  memcgsRead: boolean
  tally: VmaTally
  processes: { name: string; changed: string[]; pagesBeyondSmaps: number }[]
  /** Processes of the cgroup that were gone, had no memory or may not be read. */
  skipped: number
}

const CHANGED_SHOWN = 5

export function notesOf(facts: CaptureFacts): string[] {
  const { oddities } = facts
  return [
    ...(oddities === undefined ? unprivilegedNotes(facts) : privilegedNotes(facts, oddities)),
    ...inferredNotes(facts),
    ...leftOutNotes(facts),
    ...changedNotes(facts),
  ]
}

function privilegedNotes(facts: CaptureFacts, oddities: FrameOddities): string[] {
  const memcgs = facts.memcgsRead
    ? 'read: the memcg of each folio (kpagecgroup); root where a folio is charged to none.'
    : 'inferred: each folio is charged to the memcg of the first captured process that maps it.'
  return [
    'read: present pages and swap entries (pagemap); order, kind and flags of each folio (kpageflags); who else maps it (kpagecount).',
    memcgs,
    'inferred: no folio has pins; folios that wait in a per-CPU batch are off the LRU lists, but hold no reference for it.',
    ...when(
      oddities.uneven,
      'inferred: %n pages have another number of outside mappings than the first page of their folio; mappedByOthers is the smallest.',
    ),
    ...when(
      oddities.torn,
      'inferred: %n folios were not a naturally aligned power of two long; rounded down.',
    ),
    ...when(
      oddities.overcounted,
      'inferred: %n pages had fewer mappings than were seen (changed while read, processes with one address space, or a kernel that counts per folio); mappedByOthers 0.',
    ),
    ...when(oddities.ksm, 'inferred: %n KSM pages are plain anonymous folios of order 0.'),
  ]
}

function unprivilegedNotes(facts: CaptureFacts): string[] {
  const several = facts.processes.length > 1
  return [
    'read: present pages, swap entries, and whether a page belongs to a file (pagemap). No page frame numbers and no kpageflags: that needs root.',
    'inferred: folios are of order 0, except order 9 where smaps counts huge pages.',
    'inferred: a page that is not mapped exclusively (pagemap bit 56) has one mapping from outside; in truth it may have more.',
    ...(several
      ? [
          'inferred: no memory is shared between the captured processes: nothing tells which pages are the same.',
        ]
      : []),
    'inferred: all folios are on the inactive LRU list, clean, not in the swap cache, mlocked in locked VMAs only, and charged to the memcg of their process.',
  ]
}

function inferredNotes({ tally, oddities }: CaptureFacts): string[] {
  const chosen = oddities === undefined ? 'the lowest pages' : "the folio's flag"
  return [
    ...when(
      tally.pmdChosenAmong,
      'inferred: which of %n huge folios are mapped by a PMD; the lowest of each VMA are.',
    ),
    ...when(
      tally.pmdMissing,
      'inferred: %n PMD mappings that smaps counts belong to no complete folio that was found; mapped by PTEs.',
    ),
    'inferred: accessed and dirty bits of PTEs, from the sums in smaps; only shared writable file mappings have dirty bits.',
    ...when(
      tally.youngPartial,
      `inferred: in %n VMAs where only some pages were referenced, ${chosen} decide${oddities === undefined ? '' : 's'} which.`,
    ),
    ...when(
      tally.dirtyPartial,
      `inferred: in %n VMAs where only some pages were dirty, ${chosen} decide${oddities === undefined ? '' : 's'} which.`,
    ),
    ...when(
      tally.scattered,
      `inferred: %n processes use more than ${REGIONS_MAX} regions of 512 GiB; regions are merged and addresses moved, with the same PTE and PMD tables but fewer PUD tables.`,
    ),
    ...when(
      tally.special,
      'inferred: the PTEs of %n mappings without struct pages (vvar, devices) are the first of each.',
    ),
  ]
}

function leftOutNotes({ tally, oddities, skipped }: CaptureFacts): string[] {
  return [
    ...when(oddities?.zero ?? 0, 'left out: %n frames of the shared zero page.'),
    ...when(tally.hugetlb, 'left out: %n hugetlb mappings.'),
    ...when(oddities?.hugetlb ?? 0, 'left out: %n hugetlb pages.'),
    ...when(
      oddities?.unmapped ?? 0,
      'left out: %n pages without a counted mapping (special, or freed while read).',
    ),
    ...when(
      tally.otherEntries,
      'left out: %n entries that are neither pages nor swap slots (migration, device-private, poison, guard markers).',
    ),
    ...when(tally.hugeEmpty, 'left out: %n mappings of more than 64 GiB that hold nothing.'),
    ...when(
      tally.divided,
      'left out: empty parts of %n mappings of more than 64 GiB; the rest is divided.',
    ),
    ...when(tally.kernel, 'left out: %n mappings outside the user half of 47 bits (vsyscall).'),
    ...when(
      skipped,
      'left out: %n processes of the cgroup that were gone, have no memory or may not be read.',
    ),
  ]
}

function changedNotes({ anonymize, processes }: CaptureFacts): string[] {
  return processes.flatMap(({ name, changed, pagesBeyondSmaps }) => {
    const shown = anonymize ? [] : changed.slice(0, CHANGED_SHOWN)
    const list =
      shown.length === 0
        ? ''
        : `: ${shown.join('; ')}${changed.length > shown.length ? '; ...' : ''}`
    const way = pagesBeyondSmaps > 0 ? 'more' : 'fewer'
    return [
      ...when(
        changed.length,
        `changed: ${name} changed %n VMAs while it was read, three times in a row${list}.`,
      ),
      ...when(
        Math.abs(pagesBeyondSmaps),
        `changed: ${name} has %n pages ${way} than smaps counted (it ran while it was read, or maps the shared zero page).`,
      ),
    ]
  })
}

function when(count: number, text: string): string[] {
  return count === 0 ? [] : [text.replace('%n', String(count))]
}
