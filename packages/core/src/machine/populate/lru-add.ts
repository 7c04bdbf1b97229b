/**
 * The lru_add batches of the CPUs when teardown starts: processes that have just touched their memory leave the last
 * folios there.
 *
 * A batch that fills up moves its folios to the LRU lists, and so does a large folio that enters it. Invariant: a folio in
 * a batch has a reference of the batch's own, and is on no list.
 */

import { CPU_ADD_BATCH, CPU_BASE, CPU_STRIDE, NR_PFNS, PAGEVEC_SIZE } from '../globals.ts'
import {
  FBATCH_FOLIOS,
  FBATCH_NR,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_ACTIVE,
  PG_HEAD,
  PG_LRU,
  PG_UNEVICTABLE,
} from '../layout.ts'
import { mem } from '../memory.ts'
import { pageToPfn } from '../page.ts'

export class LruAddBatches {
  /** By CPU: addresses of the folios in its batch. */
  readonly #batches: number[][]
  /** By page frame: 1 if addOnce has seen the folio that begins there. */
  #seen: Uint8Array | undefined

  constructor(cpus: number) {
    this.#batches = Array.from({ length: cpus }, () => [])
  }

  /** folio_add_lru of a new folio, if it goes to an inactive list. */
  add(cpu: number, folio: number): void {
    const batch = this.#batches[cpu]
    const flags = mem[folio + PAGE_FLAGS] as number
    if (batch === undefined || (flags & (PG_LRU | PG_ACTIVE)) !== PG_LRU) return
    batch.push(folio)
    if (batch.length === PAGEVEC_SIZE || (flags & PG_HEAD) !== 0) batch.length = 0
  }

  /** The same of a folio that others may have added before. */
  addOnce(cpu: number, folio: number): void {
    this.#seen ??= new Uint8Array(NR_PFNS)
    const pfn = pageToPfn(folio)
    if (this.#seen[pfn] === 1) return
    this.#seen[pfn] = 1
    this.add(cpu, folio)
  }

  /** Before the folios are put on LRU lists: takes out those that wait in a batch. */
  build(): void {
    this.#batches.forEach((batch, i) => {
      if (batch.length === 0) return
      const at = CPU_BASE + i * CPU_STRIDE + CPU_ADD_BATCH
      let nr = 0
      for (const folio of batch) {
        const flags = mem[folio + PAGE_FLAGS] as number
        // mlocked ones wait elsewhere
        if ((flags & PG_UNEVICTABLE) !== 0) continue
        mem[folio + PAGE_FLAGS] = flags & ~PG_LRU
        mem[folio + PAGE_REFCOUNT] = (mem[folio + PAGE_REFCOUNT] as number) + 1
        mem[at + FBATCH_FOLIOS + nr++] = folio * 2
      }
      mem[at + FBATCH_NR] = nr
    })
  }
}
