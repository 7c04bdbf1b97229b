/**
 * Which folios a scenario has, in the order in which they are created: files, named folios, then process by process.
 *
 * One walk serves both the limits (how many, of which order) and populate (what each is), so that they cannot disagree.
 * Invariant: the walk depends on the scenario alone.
 */

import type { FolioPattern, Scenario, Vma } from '../../scenario/scenario.ts'
import { selectionMatches } from '../../scenario/selection.ts'

/** A folio of a VMA's pattern: its number in the VMA, its first page in the VMA, its order. */
export interface VmaFolio {
  index: number
  first: number
  order: number
  memcg: string | undefined
}

/** Calls `visit` for the folios of a pattern that cover `pages` pages. The object is reused between calls. */
export function walkPattern(
  pattern: readonly FolioPattern[],
  pages: number,
  visit: (folio: VmaFolio) => void,
): void {
  const folio: VmaFolio = { index: 0, first: 0, order: 0, memcg: undefined }
  while (folio.first < pages) {
    for (const part of pattern) {
      folio.order = part.order
      folio.memcg = part.memcg
      for (let n = 0; n < part.count && folio.first < pages; n++) {
        visit(folio)
        folio.index++
        folio.first += 1 << part.order
      }
    }
  }
}

/** The VMA's folio pattern, or undefined if its pages come from a file, from named folios, or have no struct page. */
export function vmaPattern(vma: Vma): readonly FolioPattern[] | undefined {
  if (vma.runs !== undefined || vma.swapRuns !== undefined) return undefined
  if (vma.kind === 'anon' || vma.kind === 'device') return vma.folios
  return undefined
}

/** What a PTE of the VMA holds by its selections. */
export type PteKind = 'page' | 'hole' | 'swap' | 'migration'

export function pteKind(vma: Vma, page: number): PteKind {
  if (selectionMatches(vma.holes, page)) return 'hole'
  if (selectionMatches(vma.swap, page)) return 'swap'
  if (selectionMatches(vma.migration, page)) return 'migration'
  return 'page'
}

/** Does every PTE of the VMA map a page? */
export function isDense(vma: Vma): boolean {
  return vma.holes === 'none' && vma.swap === 'none' && vma.migration === 'none'
}

/** Does some PTE refer to a page of this folio? A folio that none refers to is not created. */
function exists(vma: Vma, folio: VmaFolio): boolean {
  const end = Math.min(folio.first + (1 << folio.order), vma.pages)
  for (let page = folio.first; page < end; page++) {
    const kind = pteKind(vma, page)
    if (kind === 'page' || kind === 'migration') return true
  }
  return false
}

/** Is this PMD of an anonymous VMA a mapping of the huge zero page? */
export function mapsHugeZero(vma: Vma, folio: VmaFolio): boolean {
  return vma.kind === 'anon' && selectionMatches(vma.hugeZero, folio.first >> 9)
}

/** Calls `visit` for the folios that the VMA's pattern creates. */
export function walkVmaFolios(vma: Vma, visit: (folio: VmaFolio) => void): void {
  const pattern = vmaPattern(vma)
  if (pattern === undefined) return
  const dense = isDense(vma)
  walkPattern(pattern, vma.pages, (folio) => {
    if (mapsHugeZero(vma, folio)) return
    if (dense || exists(vma, folio)) visit(folio)
  })
}

/** The orders of a growing list of folios. */
export class OrderList {
  private bytes = new Uint8Array(1024)
  length = 0

  push(order: number): void {
    if (this.length === this.bytes.length) this.grow(this.length * 2)
    this.bytes[this.length++] = order
  }

  /** Appends what lies between `from` and `to` again, `times` times. */
  repeat(from: number, to: number, times: number): void {
    const size = to - from
    const needed = this.length + size * times
    if (needed > this.bytes.length) this.grow(Math.max(needed, this.bytes.length * 2))
    for (let i = 0; i < times; i++) {
      this.bytes.copyWithin(this.length, from, to)
      this.length += size
    }
  }

  values(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  private grow(size: number): void {
    const bytes = new Uint8Array(size)
    bytes.set(this.bytes)
    this.bytes = bytes
  }
}

/** Folios in creation order; bit 7 of an entry marks device memory, which lies outside the zone. */
export const DEVICE_FOLIO = 0x80

/** The order of every folio that the scenario creates. */
export function folioOrders(scenario: Scenario): Uint8Array {
  const orders = new OrderList()
  for (const file of scenario.files)
    walkPattern(file.folios, file.pages, (f) => orders.push(f.order))
  for (const named of scenario.folios) {
    for (let i = 0; i < named.count; i++) orders.push(named.order)
  }
  for (const group of scenario.processes) {
    const start = orders.length
    for (const vma of group.vmas) {
      const device = vma.kind === 'device' ? DEVICE_FOLIO : 0
      walkVmaFolios(vma, (f) => orders.push(f.order | device))
    }
    // neighbouring processes share their folios, each such group has its own
    orders.repeat(start, orders.length, Math.ceil(group.count / group.share) - 1)
  }
  return orders.values()
}

/** Does some PMD map the huge zero page? */
export function usesHugeZero(scenario: Scenario): boolean {
  return scenario.processes.some((group) =>
    group.vmas.some((vma) => vma.kind === 'anon' && vma.hugeZero !== 'none'),
  )
}
