/**
 * Builds one VMA of the processes that share it: creates its folios once and maps them in each of them.
 *
 * What a page of the VMA holds follows from the VMA's selections (holes, swap entries, migration entries, dirty and
 * young bits) or, for captured layouts, from its runs.
 */

import { assert } from '../../lib/assert.ts'
import type { AnonVma, ProcessGroup, Run, Vma } from '../../scenario/scenario.ts'
import { selectionMatches } from '../../scenario/selection.ts'
import { SWAP_MAP } from '../globals.ts'
import {
  HPAGE_PMD_NR,
  HPAGE_PMD_ORDER,
  MM_RSS,
  MM_SWAPENTS,
  PAGE_FLAGS,
  PAGE_MLOCK_COUNT,
  PG_ACTIVE,
  PG_ANON,
  PG_LRU,
  PG_MLOCKED,
  PG_SWAPBACKED,
  PG_TYPE_ZONE_DEVICE,
  PG_TYPE_ZONE_DEVICE_FSDAX,
  PG_UNEVICTABLE,
  PMD_HUGE,
  PTE_DIRTY,
  PTE_PFN_SHIFT,
  PTE_PRESENT,
  PTE_SPECIAL,
  PTE_WRITE,
  PTE_YOUNG,
  SWP_DEVICE_PRIVATE,
  SWP_MIGRATION,
  SWP_SWAP,
} from '../layout.ts'
import { mem } from '../memory.ts'
import { folioOrder, pageFolio, nthPage, pageToPfn, pfnToPage } from '../page.ts'
import { mkPte } from '../pgtable.ts'
import type { AddressSpace } from './address-space.ts'
import { addToSwapCache, createFolio } from './build-folios.ts'
import { rssKind, type TableBuilder } from './build-tables.ts'
import { add, type Builder } from './builder.ts'
import type { Objects } from './build-objects.ts'
import {
  isDense,
  mapsHugeZero,
  pteKind,
  vmaPattern,
  type VmaFolio,
  walkPattern,
  walkVmaFolios,
} from './folio-walk.ts'

/** A process of the share group that is being built. */
export interface Sharer {
  mm: number
  /** Number of the CPU that runs it. */
  cpu: number
  tables: TableBuilder
}

/** One VMA of a share group: creates its folios and maps them in every sharer. */
export class VmaBuilder {
  private readonly b: Builder
  private readonly objects: Objects
  private readonly group: ProcessGroup
  private readonly vma: Vma
  private readonly start: number
  private readonly sharers: Sharer[]
  private readonly dense: boolean
  private readonly plainPte: boolean
  private readonly writable: boolean

  constructor(
    b: Builder,
    objects: Objects,
    group: ProcessGroup,
    vma: Vma,
    space: AddressSpace,
    sharers: Sharer[],
  ) {
    this.b = b
    this.objects = objects
    this.group = group
    this.vma = vma
    this.start = space.compact(vma.start ?? 0)
    this.sharers = sharers
    this.dense = isDense(vma)
    // a fork write-protects; only programs look
    const protectedBy = sharers.length > 1 && group.program !== undefined
    this.writable = vma.kind === 'anon' && !protectedBy
    this.plainPte = vma.young === 'none' && vma.dirty === 'none'
  }

  build(): void {
    const { vma } = this
    const memcg = this.b.memcgId(vma.tableMemcg ?? this.group.memcg)
    for (const { tables } of this.sharers) tables.chargeTo(memcg)
    if (vma.runs !== undefined || vma.swapRuns !== undefined) {
      for (const run of vma.runs ?? []) this.mapRun(run)
      for (const run of vma.swapRuns ?? [])
        for (let i = 0; i < run.pages; i++) this.swapEntry(run.at + i)
      return
    }
    if (vma.kind === 'file') this.mapFile(vma.file, vma.offset)
    else if (vma.kind === 'zero' || vma.kind === 'pfnmap') this.mapSpecial()
    else {
      walkVmaFolios(vma, (folio) => this.mapPatternFolio(folio))
      if (!this.dense) for (let page = 0; page < vma.pages; page++) this.emptyEntry(page)
      if (vma.kind === 'anon' && vma.hugeZero !== 'none') this.mapHugeZeros()
    }
  }

  /** Creates a folio of the pattern and maps its pages (or its PMD). */
  private mapPatternFolio(at: VmaFolio): void {
    const { vma, b } = this
    const memcg = b.memcgId(at.memcg ?? this.group.memcg)
    const folio =
      vma.kind === 'anon'
        ? this.createAnon(vma, at, memcg)
        : createFolio(b, this.deviceFlags(), this.deviceMemcg(memcg))
    if (vma.kind === 'device' && vma.memory === 'fsdax') b.addOtherRefs(folio, 1)
    if (vma.mapped === 'pmd') {
      this.mapHuge(at.first, folio)
      return
    }
    const end = Math.min(at.first + (1 << at.order), vma.pages)
    for (let page = at.first; page < end; page++)
      this.mapPage(page, nthPage(folio, page - at.first))
  }

  private createAnon(vma: AnonVma, at: VmaFolio, memcg: number): number {
    const { b } = this
    let flags = PG_ANON | PG_SWAPBACKED
    if (!selectionMatches(vma.isolated, at.index)) {
      flags |= PG_LRU
      if (selectionMatches(vma.active, at.index)) flags |= PG_ACTIVE
    }
    if (selectionMatches(vma.mlocked, at.index)) flags |= PG_MLOCKED
    const folio = createFolio(b, flags, memcg)
    if (selectionMatches(vma.swapcache, at.index))
      addToSwapCache(b, folio, at.order, selectionMatches(vma.swapcacheShared, at.index))
    if (selectionMatches(vma.pinned, at.index)) b.addOtherRefs(folio, 1)
    if (this.group.lruAdd === 'pending') b.lruAdd.add(this.firstCpu(), folio)
    return folio
  }

  /** The CPU of the first of the sharers: the parent of the others, who has touched what they share. */
  private firstCpu(): number {
    const [first] = this.sharers
    assert(first !== undefined, 'a group without processes')
    return first.cpu
  }

  private deviceFlags(): number {
    assert(this.vma.kind === 'device', 'device folio outside a device VMA')
    if (this.vma.memory === 'fsdax') return PG_TYPE_ZONE_DEVICE_FSDAX
    return PG_TYPE_ZONE_DEVICE | PG_ANON | PG_SWAPBACKED
  }

  /** fsdax pages are not charged. */
  private deviceMemcg(memcg: number): number {
    return this.vma.kind === 'device' && this.vma.memory === 'fsdax' ? 0 : memcg
  }

  /** One page of the VMA in every sharer, by what its selections say. */
  private mapPage(at: number, page: number): void {
    if (!this.dense) {
      const kind = pteKind(this.vma, at)
      if (kind === 'migration') this.migrationEntry(at, page)
      if (kind !== 'page') return
    }
    if (this.vma.kind === 'device' && this.vma.memory === 'private') {
      this.devicePrivateEntry(at, page)
      return
    }
    const flags = this.pteFlags(at)
    for (const { tables } of this.sharers) tables.mapPte(this.start + at, page, flags)
    this.b.addOtherMaps(page, this.vma.mappedByOthers)
    if (this.vma.locked) this.mlock(pageFolio(page), false)
  }

  private pteFlags(at: number): number {
    const base = this.writable ? PTE_PRESENT | PTE_WRITE : PTE_PRESENT
    if (this.plainPte) return base
    const young = selectionMatches(this.vma.young, at) ? PTE_YOUNG : 0
    const dirty = selectionMatches(this.vma.dirty, at) ? PTE_DIRTY : 0
    return base | young | dirty
  }

  /** A PMD's accessed and dirty bits stand for any of its pages. */
  private pmdFlags(at: number): number {
    let flags = PMD_HUGE
    for (let i = 0; i < HPAGE_PMD_NR; i++) flags |= this.pteFlags(at + i)
    return flags
  }

  private mapHuge(at: number, folio: number): void {
    const flags = this.pmdFlags(at)
    for (const { tables } of this.sharers) tables.mapPmd(this.start + at, folio, flags)
    for (let i = 0; i < HPAGE_PMD_NR; i++)
      this.b.addOtherMaps(nthPage(folio, i), this.vma.mappedByOthers)
    if (this.vma.locked) this.mlock(folio, true)
  }

  /** mlock_vma_folio: parts of large folios mapped by PTEs are left alone. */
  private mlock(folio: number, compound: boolean): void {
    if (!compound && folioOrder(folio) > 0) return
    const flags = mem[folio + PAGE_FLAGS] as number
    if ((flags & PG_LRU) === 0) return
    mem[folio + PAGE_FLAGS] = (flags & ~PG_ACTIVE) | PG_MLOCKED | PG_UNEVICTABLE
    add(folio + PAGE_MLOCK_COUNT, this.sharers.length)
  }

  /** Swap entries of a pattern VMA (migration entries were made with their folio). */
  private emptyEntry(at: number): void {
    if (pteKind(this.vma, at) === 'swap') this.swapEntry(at)
  }

  private swapEntry(at: number): void {
    const slot = this.b.nextSwapSlot++
    mem[SWAP_MAP + slot] = this.sharers.length
    for (const { mm, tables } of this.sharers) {
      tables.setPte(this.start + at, (slot << PTE_PFN_SHIFT) | SWP_SWAP)
      add(mm + MM_RSS + MM_SWAPENTS, 1)
    }
  }

  /** The page is being moved: unmapped, held by whoever migrates it. */
  private migrationEntry(at: number, page: number): void {
    const folio = pageFolio(page)
    for (const { mm, tables } of this.sharers) {
      tables.setPte(this.start + at, (pageToPfn(page) << PTE_PFN_SHIFT) | SWP_MIGRATION)
      add(mm + MM_RSS + rssKind(mem[folio + PAGE_FLAGS] as number), 1)
    }
    this.b.addOtherRefs(folio, 1)
  }

  private devicePrivateEntry(at: number, page: number): void {
    const folio = pageFolio(page)
    for (const { mm, tables } of this.sharers) {
      tables.setPte(this.start + at, (pageToPfn(page) << PTE_PFN_SHIFT) | SWP_DEVICE_PRIVATE)
      tables.countMapping(page)
      add(mm + MM_RSS + rssKind(mem[folio + PAGE_FLAGS] as number), 1)
    }
  }

  private mapFile(file: string, offset: number): void {
    const pages = this.objects.filePages(file)
    this.addShmem(pages, offset)
    if (this.vma.mapped === 'pmd') {
      for (let at = 0; at < this.vma.pages; at += HPAGE_PMD_NR) {
        // selections pick whole PMDs
        if (pteKind(this.vma, at) === 'page')
          this.mapHuge(at, pfnToPage(pages[offset + at] as number))
      }
    } else {
      this.mapFilePtes(pages, offset)
    }
    if (!this.dense) for (let at = 0; at < this.vma.pages; at++) this.emptyEntry(at)
  }

  private mapFilePtes(pages: Int32Array, offset: number): void {
    for (let at = 0; at < this.vma.pages; at++)
      this.mapPage(at, pfnToPage(pages[offset + at] as number))
  }

  /** Shared memory comes into being when it is touched; files were in the page cache before. */
  private addShmem(pages: Int32Array, offset: number): void {
    if (this.group.lruAdd !== 'pending') return
    const cpu = this.firstCpu()
    for (let at = 0; at < this.vma.pages; at++) {
      const folio = pageFolio(pfnToPage(pages[offset + at] as number))
      const swapBacked = ((mem[folio + PAGE_FLAGS] as number) & PG_SWAPBACKED) !== 0
      if (swapBacked && pteKind(this.vma, at) === 'page') this.b.lruAdd.addOnce(cpu, folio)
    }
  }

  private mapSpecial(): void {
    for (let at = 0; at < this.vma.pages; at++) {
      const kind = pteKind(this.vma, at)
      if (kind === 'swap') this.swapEntry(at)
      if (kind !== 'page') continue
      for (const { tables } of this.sharers)
        tables.setPte(this.start + at, mkPte(0, PTE_PRESENT | PTE_SPECIAL))
    }
  }

  private mapHugeZeros(): void {
    const pattern = vmaPattern(this.vma) ?? []
    walkPattern(pattern, this.vma.pages, (folio) => {
      if (folio.order !== HPAGE_PMD_ORDER || !mapsHugeZero(this.vma, folio)) return
      const pmd = mkPte(this.objects.hugeZeroPfn, PTE_PRESENT | PMD_HUGE)
      for (const { tables } of this.sharers) tables.setPmd(this.start + folio.first, pmd, true)
    })
  }

  /** Consecutive pages of named folios. */
  private mapRun(run: Run): void {
    let id = run.folio
    let within = run.page
    const flags = PTE_PRESENT | (run.young ? PTE_YOUNG : 0) | (run.dirty ? PTE_DIRTY : 0)
    for (let i = 0; i < run.pages; ) {
      const folio = pfnToPage(this.objects.namedPfn(id))
      const size = 1 << folioOrder(folio)
      if (run.mapped === 'pmd') {
        for (const { tables } of this.sharers)
          tables.mapPmd(this.start + run.at + i, folio, flags | PMD_HUGE)
        if (this.vma.locked) this.mlock(folio, true)
        i += size
      } else {
        for (; within < size && i < run.pages; within++, i++) {
          for (const { tables } of this.sharers)
            tables.mapPte(this.start + run.at + i, nthPage(folio, within), flags)
          if (this.vma.locked) this.mlock(folio, false)
        }
      }
      within = 0
      id++
    }
  }
}
