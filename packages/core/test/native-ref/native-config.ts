/**
 * The language of the native reference (bench/native/ref.c): one configuration as its options, its
 * counts as its event names. Owns the types of the fixture `fixtures/native-counts.json`, which
 * bench/scripts/make-native-fixture.ts writes and native-ref.test.ts reads.
 */

/** Options of the C program, under their own names; `x-every: n` marks every n-th folio (or PTE), 0 none. */
export interface NativeConfig {
  strategy: 'baseline' | 'range'
  order: number
  /** Pages of each process. */
  pages: number
  procs: number
  /** Groups of this many neighbouring processes map the same folios. */
  shared: number
  lruvecs: number
  /** Runs of this many folios lie on one lruvec, then on the next; 0: one lruvec for each share group. */
  'lruvec-run': number
  'swap-cluster-max': number
  /** 0: 10,000 divided by the entries of a batch. */
  'max-batches': number
  /** Pages on the per-CPU list at which it is emptied. */
  'pcp-batch': number
  'hole-every': number
  'swapcache-every': number
  'mlocked-every': number
  'nolru-every': number
  'dirty-every': number
}

/** The event counts of the C program that do not depend on time. */
export const NATIVE_EVENTS = [
  'ptes_cleared',
  'pte_tables',
  'gather_entries',
  'batches_allocated',
  'forced_flushes',
  'tlb_flushes',
  'free_chunks',
  'rmap_calls',
  'mapcount_atomics',
  'nr_pages_mapped_atomics',
  'refcount_atomics',
  'deferred_split_inserts',
  'deferred_split_removes',
  'swapcache_checks',
  'swapcache_drops',
  'mlocked_cleared',
  'dirty_marks',
  'lruvec_locks_large',
  'lru_deletions',
  'pcp_flushes',
  'buddy_direct',
  'huge_zero_skips',
  'devmap_frees',
  'folios_freed',
  'pages_freed',
  'lruvec_lock_acquisitions',
  'zone_lock_acquisitions',
  'split_lock_acquisitions',
  'ptl_lock_acquisitions',
] as const

export type NativeEvent = (typeof NATIVE_EVENTS)[number]

export type NativeEvents = Record<NativeEvent, number>

export interface NativeCase {
  config: NativeConfig
  events: NativeEvents
}

export interface NativeFixture {
  /** What made the file, for people. */
  origin: string
  /** Seed of the generator of the configurations. */
  seed: number
  cases: NativeCase[]
}

/** The options as the C program takes them: also the name of a case in test output. */
export function nativeArgs(config: NativeConfig): string[] {
  return Object.entries(config).flatMap(([option, value]) => [`--${option}`, String(value)])
}
