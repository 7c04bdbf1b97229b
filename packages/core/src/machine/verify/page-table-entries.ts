/**
 * What the entries of page tables refer to, counted: mappings by page, rss by kind, swap entries by slot. Everything
 * that counts mappings is compared with what is found here.
 *
 * An entry that is wrong in itself (outside every VMA, to a page that is not in use) is reported and not counted, so
 * that one wrong entry is one violation.
 */

import { NR_PFNS, NR_SWAP_SLOTS } from '../globals.ts'
import {
  HPAGE_PMD_NR,
  HPAGE_PMD_ORDER,
  MM_ANONPAGES,
  MM_ID,
  MM_SWAPENTS,
  NR_MM_COUNTERS,
  PMD_HUGE,
  PTE_PRESENT,
  PTE_SPECIAL,
  PTRS_PER_PTE,
  SWP_DEVICE_EXCLUSIVE,
  SWP_DEVICE_PRIVATE,
  SWP_HWPOISON,
  SWP_MARKER,
  SWP_MIGRATION,
  SWP_SWAP,
  VM_LOCKED,
  VM_PFNMAP,
} from '../layout.ts'
import { load } from '../memory.ts'
import { ptePfn, swpKind, swpOffset } from '../pgtable.ts'
import { describeFrame } from './describe-page.ts'
import {
  addTo,
  type Facts,
  headOf,
  isMappable,
  KIND_DEVICE,
  KIND_FOLIO,
  KIND_HUGE_ZERO,
} from './facts.ts'
import type { VmaRanges } from './vmas.ts'

/** What a huge PMD has in reserve: an anonymous one a table for its split, one that is wrong perhaps. */
const NO_DEPOSIT = 0
export const NEEDS_DEPOSIT = 1
export const BAD_PMD = 2

/** Counts the entries of one mm. Addresses only grow, so one cursor finds the VMA of each entry. */
export class EntryCounter {
  private readonly facts: Facts
  private readonly mm: number
  private readonly vmas: VmaRanges
  private vma = 0
  /** Pages by MM_* counter. */
  readonly rss: Int32Array = new Int32Array(NR_MM_COUNTERS)
  /** Pages mapped by PTEs and PMDs that have a struct page of their own (not the zero pages). */
  mappedPages = 0

  constructor(facts: Facts, mm: number, vmas: VmaRanges) {
    this.facts = facts
    this.mm = mm
    this.vmas = vmas
  }

  /** A PMD that maps a huge page, or says that one is being moved; does it need a table in reserve? */
  hugePmd(pmd: number, addr: number): number {
    const { facts } = this
    const pfn = ptePfn(pmd)
    const kind = pfn < NR_PFNS ? (facts.kind[pfn] as number) : 0
    if (!this.inVma(addr, addr + HPAGE_PMD_NR)) {
      facts.violations.add('pte-outside-vma', () => this.at('huge PMD', addr))
      return BAD_PMD
    }
    if (kind === KIND_HUGE_ZERO) return NEEDS_DEPOSIT
    const whole =
      (kind === KIND_FOLIO || kind === KIND_DEVICE) &&
      (facts.order[pfn] as number) >= HPAGE_PMD_ORDER
    const present = (pmd & PTE_PRESENT) !== 0
    if (!whole || (!present && swpKind(pmd & ~PMD_HUGE) !== SWP_MIGRATION)) {
      facts.violations.add('pmd-target', () => `${this.at('huge PMD', addr)}: ${this.target(pfn)}`)
      return BAD_PMD
    }
    const rss = facts.rssKind[pfn] as number
    addTo(this.rss, rss, HPAGE_PMD_NR)
    if (present) {
      addTo(facts.pmdMaps, pfn, 1)
      this.mappedPages += HPAGE_PMD_NR
      if ((this.vmaFlags() & VM_LOCKED) !== 0) addTo(facts.lockedMaps, pfn, 1)
    }
    return rss === MM_ANONPAGES ? NEEDS_DEPOSIT : NO_DEPOSIT
  }

  /** The entries of one PTE table. */
  ptes(content: number, start: number): void {
    for (let i = 0; i < PTRS_PER_PTE; i++) {
      const pte = load(content + i)
      if (pte === 0) continue
      if (!this.inVma(start + i, start + i + 1)) {
        this.facts.violations.add('pte-outside-vma', () => this.at('PTE', start + i))
        continue
      }
      if ((pte & PTE_PRESENT) !== 0) this.presentPte(pte, start + i)
      else this.nonpresentPte(pte, start + i)
    }
  }

  private presentPte(pte: number, addr: number): void {
    const { facts } = this
    const vmaFlags = this.vmaFlags()
    if ((pte & PTE_SPECIAL) !== 0 || (vmaFlags & VM_PFNMAP) !== 0) return
    const pfn = ptePfn(pte)
    if (pfn >= NR_PFNS || !isMappable(facts.kind[pfn] as number)) {
      facts.violations.add('pte-target', () => `${this.at('PTE', addr)}: ${this.target(pfn)}`)
      return
    }
    addTo(facts.pteMaps, pfn, 1)
    addTo(this.rss, facts.rssKind[pfn] as number, 1)
    this.mappedPages++
    if ((vmaFlags & VM_LOCKED) !== 0 && facts.order[pfn] === 0) addTo(facts.lockedMaps, pfn, 1)
  }

  /** Counts what zap_nonpresent gives back for such an entry. */
  private nonpresentPte(entry: number, addr: number): void {
    const { facts } = this
    const kind = swpKind(entry)
    const offset = swpOffset(entry)
    if (kind === SWP_HWPOISON || kind === SWP_MARKER) return
    if (kind === SWP_SWAP && offset > 0 && offset < NR_SWAP_SLOTS) {
      addTo(this.rss, MM_SWAPENTS, 1)
      addTo(facts.swapEntries, offset, 1)
      return
    }
    const toPage =
      kind === SWP_MIGRATION || kind === SWP_DEVICE_PRIVATE || kind === SWP_DEVICE_EXCLUSIVE
    if (!toPage || offset >= NR_PFNS || !isMappable(facts.kind[offset] as number)) {
      const what = kind === SWP_SWAP ? `swap slot ${offset}` : this.target(offset)
      facts.violations.add(
        'pte-target',
        () => `${this.at('PTE', addr)}: non-present entry of kind ${kind >> 1}: ${what}`,
      )
      return
    }
    addTo(this.rss, facts.rssKind[offset] as number, 1)
    if (kind === SWP_DEVICE_PRIVATE) addTo(facts.pteMaps, offset, 1)
    if (kind === SWP_DEVICE_EXCLUSIVE) addTo(facts.refs, headOf(facts, offset), 1)
  }

  /** Moves the cursor to the VMA of `addr`: does [addr, end) lie inside it? */
  private inVma(addr: number, end: number): boolean {
    const { starts, ends } = this.vmas
    while (this.vma < ends.length && (ends[this.vma] as number) <= addr) this.vma++
    return (
      this.vma < ends.length &&
      (starts[this.vma] as number) <= addr &&
      (ends[this.vma] as number) >= end
    )
  }

  private vmaFlags(): number {
    return this.vmas.flags[this.vma] as number
  }

  private target(pfn: number): string {
    return pfn < NR_PFNS ? `refers to ${describeFrame(pfn)}` : `pfn ${pfn} does not exist`
  }

  private at(what: string, addr: number): string {
    return `mm ${load(this.mm + MM_ID)}: ${what} of page 0x${addr.toString(16)}`
  }
}
