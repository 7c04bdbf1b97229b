/**
 * What populate put into a machine that the machine's own words do not tell: references and mappings held from outside,
 * and the state before the run. `verify` and the report need it; the kernel text never sees it.
 */

export interface Census {
  /** References that no mapping, swap cache or batch in the machine explains (page cache, pins, others' mappings), by PFN of the head page; null: none. */
  readonly otherRefs: Int32Array | null
  /** Mappings of a page by processes outside the machine, by PFN; null: none. */
  readonly otherMaps: Int32Array | null
  /** PTE and PMD mapped pages of all processes together. */
  readonly mappedPages: number
  /** Folios and pages in use that a process or a file put there (no page tables, no device memory). */
  readonly foliosInUse: number
  readonly pagesInUse: number
  /** Folios on deferred split queues. */
  readonly foliosQueued: number
}
