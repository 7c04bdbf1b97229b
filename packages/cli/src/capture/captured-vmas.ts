/**
 * A VMA as it was read becomes VMAs of a scenario: one, or none, or several if it is too long for one.
 *
 * All contents are named folios, whose kind says how a page is treated; so the VMA's own kind is `anon` even for a file
 * mapping, private or shared, which may hold pages of both kinds. Owns `VmaTally`, what this leaves out or infers.
 */
import type { RunInput, VmaInput } from '@mmgather/core'
import type { FolioTable } from './folio-table.ts'
import type { PageRows } from './page-rows.ts'
import { choosePmdMapped } from './pmd-mapped.ts'
import type { ReadVma } from './process-read.ts'
import { isPartial, pteBitsOf } from './pte-bits.ts'
import { runsOf } from './runs.ts'
import { piecesOf, VMA_PAGES_MAX } from './vma-pieces.ts'

export interface VmaTally {
  hugetlb: number
  special: number
  specialPages: number
  /** Reservations of more than 64 GiB that hold nothing, and such VMAs that were divided. */
  hugeEmpty: number
  divided: number
  /** Processes in more regions of 512 GiB than a scenario has. */
  scattered: number
  kernel: number
  otherEntries: number
  swapEntries: number
  runs: number
  pmdMapped: number
  pmdMissing: number
  pmdChosenAmong: number
  youngPartial: number
  dirtyPartial: number
}

export function createVmaTally(): VmaTally {
  return {
    hugetlb: 0,
    special: 0,
    specialPages: 0,
    hugeEmpty: 0,
    divided: 0,
    scattered: 0,
    kernel: 0,
    otherEntries: 0,
    swapEntries: 0,
    runs: 0,
    pmdMapped: 0,
    pmdMissing: 0,
    pmdChosenAmong: 0,
    youngPartial: 0,
    dirtyPartial: 0,
  }
}

/** A VMA of the scenario without its address, which an anonymised capture changes. */
export interface PlacedVma {
  first: number
  pages: number
  label: string
  vma: VmaInput
}

export interface VmaContext {
  rows: PageRows
  table: FolioTable
  flagsRead: boolean
  folioId: (folio: number) => number
  tally: VmaTally
}

export function capturedVmas(context: VmaContext, read: ReadVma): PlacedVma[] {
  const { tally } = context
  const { vma } = read
  tally.otherEntries += read.otherEntries
  switch (read.content) {
    case 'kernel':
      tally.kernel++
      return []
    case 'hugetlb':
      tally.hugetlb++
      return []
    case 'special':
      return specialVma(read, tally)
    case 'normal':
      break
  }
  const runs = tallyRuns(context, read)
  for (const { pages } of read.swapRuns) tally.swapEntries += pages
  const pieces = piecesOf(vma, runs, read.swapRuns)
  if (pieces.length === 0) tally.hugeEmpty++
  else if (vma.pages > VMA_PAGES_MAX) tally.divided++
  return pieces.map((piece) => {
    const input: VmaInput = { kind: 'anon', pages: piece.pages, runs: piece.runs }
    if (vma.flags.has('lo')) input.locked = true
    if (vma.flags.has('sr') || vma.flags.has('rr')) input.recency = false
    if (piece.swapRuns.length > 0) input.swapRuns = piece.swapRuns
    return { first: piece.first, pages: piece.pages, label: vma.path, vma: input }
  })
}

function tallyRuns(context: VmaContext, read: ReadVma): RunInput[] {
  const { rows, table, flagsRead, folioId, tally } = context
  if (read.from === read.to) return []
  const pmd = choosePmdMapped(rows, table, read)
  const bits = pteBitsOf(read.vma, flagsRead)
  const runs = runsOf(rows, table, read, pmd.rows, bits, folioId)
  tally.runs += runs.length
  tally.pmdMapped += pmd.rows.size
  tally.pmdMissing += pmd.missing
  tally.pmdChosenAmong += pmd.chosenAmong
  if (isPartial(bits.young)) tally.youngPartial++
  if (isPartial(bits.dirty)) tally.dirtyPartial++
  return runs
}

/** PTEs without struct pages: only how many there are matters, they are taken to be the first of the VMA. */
function specialVma(read: ReadVma, tally: VmaTally): PlacedVma[] {
  const { first, pages, path } = read.vma
  if (pages > VMA_PAGES_MAX) {
    tally.hugeEmpty++
    return []
  }
  tally.special++
  tally.specialPages += read.present
  const input: VmaInput = { kind: 'pfnmap', pages }
  if (read.present === 0) input.holes = 'all'
  else if (read.present < pages) input.holes = { from: read.present, every: pages, length: pages }
  return [{ first, pages, label: path, vma: input }]
}
