/**
 * Rule `pending-rmap`: a folio keeps a reference as long as a PTE of it that was cleared waits for its rmap removal, in
 * whatever form a gather keeps it (H-10: where gathering a page dropped its reference, the batched removal used it afterwards).
 */

import { MEMMAP, NO_PAGE_MAPCOUNT, NR_PFNS } from '../../../machine/globals.ts'
import {
  FOLIO_LARGE_MAPCOUNT,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PTE_PRESENT,
} from '../../../machine/layout.ts'
import { pageFolio, pfnToPage } from '../../../machine/page.ts'
import { ptePfn } from '../../../machine/pgtable.ts'
import { nameOfPage } from '../names.ts'
import { breakRule } from '../rule-error.ts'
import type { Watcher } from '../watcher.ts'
import { isEntry, mapsPage } from './entries.ts'

/** A PTE that was cleared, and still counts as a mapping. */
interface Pending {
  readonly cpu: number
  readonly address: number
  readonly page: number
  readonly folio: number
}

export class PendingRmapRule implements Watcher {
  state: readonly Pending[] = []

  store(cpu: number, address: number, old: number, value: number): void {
    if (!isEntry(address)) {
      if (NO_PAGE_MAPCOUNT !== 0 && address >= MEMMAP) this.#removeLarge(cpu, address, old - value)
      return
    }
    const page = (old & PTE_PRESENT) !== 0 && mapsPage(old) ? pfnToPage(ptePfn(old)) : 0
    const next = (value & PTE_PRESENT) !== 0 && mapsPage(value) ? pfnToPage(ptePfn(value)) : 0
    if (page === next) return
    if (page !== 0) this.state = [...this.state, { cpu, address, page, folio: pageFolio(page) }]
    // cleared for a moment only
    else this.#drop((each) => each.cpu === cpu && each.address === address && each.page === next)
  }

  added(cpu: number, address: number, before: number, n: number): void {
    if (this.state.length === 0 || address < MEMMAP || address >= MEMMAP + NR_PFNS * PAGE_WORDS)
      return
    const word = (address - MEMMAP) % PAGE_WORDS
    const page = address - word
    if (word === PAGE_MAPCOUNT && n === -1)
      this.#drop((each) => each.cpu === cpu && each.page === page)
    else if (word === PAGE_REFCOUNT && n < 0 && before + n <= 0) this.#check(cpu, page)
  }

  #check(cpu: number, folio: number): void {
    const pending = this.state.find((each) => each.folio === folio)
    if (pending === undefined) return
    breakRule(
      'pending-rmap',
      `CPU ${cpu} drops the last reference of ${nameOfPage(folio)}, and the mapping of a PTE that CPU ${pending.cpu} cleared is still to be removed`,
    )
  }

  /** Forgets the first of these. */
  #drop(isMeant: (each: Pending) => boolean): void {
    const at = this.state.findIndex(isMeant)
    if (at >= 0) this.state = this.state.toSpliced(at, 1)
  }

  /** CONFIG_NO_PAGE_MAPCOUNT: mappings of a large folio are counted together. */
  #removeLarge(cpu: number, address: number, n: number): void {
    const folio = address - FOLIO_LARGE_MAPCOUNT
    let left = n
    for (const each of this.state) {
      if (left <= 0 || each.cpu !== cpu || each.folio !== folio) continue
      this.#drop((other) => other === each)
      left--
    }
  }
}
