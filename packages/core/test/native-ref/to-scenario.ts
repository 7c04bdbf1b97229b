/**
 * Says one configuration of the native reference in our terms: a scenario for the same work, and which
 * of our counters each of its counts is.
 *
 * The C program models less than we do. What has to be configured so that both do the same:
 *  - no PMD mappings, no files: one anonymous VMA for each process, from a 2 MiB boundary;
 *  - its page tables and gather batches are not simulated pages: `pageTables: separate`, `gatherPages:
 *    reserve`, so that neither reaches the per-CPU lists or the zone;
 *  - its per-CPU list is emptied whenever it reaches a fixed length, with no hysteresis and no free_high:
 *    `drain: all`, and it starts empty;
 *  - its lruvecs are given by number: a memcg stands for each, with an lruvec of its own;
 *  - it has one deferred-split queue, we one for each memcg: the counts are the same;
 *  - "every n-th folio" counts folios of the whole run there, folios of the VMA here: each share group
 *    is a process group of its own, with the selection shifted to where the count stands.
 */
import type { CounterKey } from '../../src/machine/counters.ts'
import type { ProcessGroupInput, ScenarioInput } from '../../src/scenario/input.ts'
import type { FolioPattern, Selection } from '../../src/scenario/scenario.ts'
import type { NativeConfig, NativeEvents } from './native-config.ts'

export function toScenario(config: NativeConfig): ScenarioInput {
  const maxBatches = config['max-batches']
  const groups = Math.ceil(config.procs / config.shared)
  return {
    schema: 'mmgather/scenario@1',
    name: 'native-ref',
    // The C program queues any large anonymous folio for deferred split, as the -laf kernels do.
    strategy: config.strategy === 'baseline' ? 'linux-6.5-laf' : 'range-v1',
    machine: {
      cpus: 1,
      pageTables: 'separate',
      gatherPages: 'reserve',
      lock: 'ttas',
      pcp: { count: 0, high: config['pcp-batch'], drain: 'all' },
    },
    tunables: {
      swapClusterMax: config['swap-cluster-max'],
      ...(maxBatches > 0 ? { maxGatherBatchCount: maxBatches } : {}),
    },
    processes: Array.from({ length: groups }, (_, group) => shareGroup(config, group)),
  }
}

function shareGroup(config: NativeConfig, group: number): ProcessGroupInput {
  const sharers = Math.min(config.shared, config.procs - group * config.shared)
  const foliosPerGroup = config.pages / 2 ** config.order
  const firstFolio = group * foliosPerGroup
  const folios = (every: number) => everyNth(every, firstFolio)
  return {
    name: `group-${group}`,
    count: sharers,
    share: sharers,
    memcg: `m${group % config.lruvecs}`,
    vmas: [
      {
        kind: 'anon',
        pages: config.pages,
        folios: folioPattern(config, firstFolio, foliosPerGroup),
        // Holes are counted by the page within the process.
        holes: everyNth(config['hole-every'], 0),
        dirty: scaled(folios(config['dirty-every']), 2 ** config.order),
        mlocked: folios(config['mlocked-every']),
        swapcache: folios(config['swapcache-every']),
        isolated: folios(config['nolru-every']),
      },
    ],
  }
}

/** The C program's `every(n, i)` selects i when (i + 1) mod n is 0; here i counts from `first`. */
function everyNth(n: number, first: number): Selection {
  return n === 0 ? 'none' : { from: n - 1 - (first % n), every: n, length: 1 }
}

/** The same selection in pages instead of folios. */
function scaled(selection: Selection, pages: number): Selection {
  if (typeof selection === 'string') return selection
  const { from, every, length } = selection
  return { from: from * pages, every: every * pages, length: length * pages }
}

/** Folio f of the whole run lies on lruvec (f / lruvec-run) mod lruvecs: one period, begun at f = first. */
function folioPattern(config: NativeConfig, first: number, count: number): FolioPattern[] {
  const { order, lruvecs } = config
  const run = config['lruvec-run']
  if (run === 0) return [{ order, count }]
  const pattern: FolioPattern[] = []
  const end = first + Math.min(count, run * lruvecs)
  for (let folio = first; folio < end; ) {
    const next = Math.min(end, folio - (folio % run) + run)
    const memcg = `m${Math.floor(folio / run) % lruvecs}`
    pattern.push({ order, count: next - folio, memcg })
    folio = next
  }
  return pattern
}

/** Our counters, by their keys in a report, from the counts of the C program. */
export function toCounters(events: NativeEvents): Partial<Record<CounterKey, number>> {
  return {
    ptesCleared: events.ptes_cleared,
    pteTables: events.pte_tables,
    gatherRecords: events.gather_entries,
    // One slot for each record in both strategies (a range is one slot of twice the size).
    gatherSlots: events.gather_entries,
    batchPages: events.batches_allocated,
    // Without dirty file pages nothing but a full gather forces a flush.
    fullBreaks: events.forced_flushes,
    forcedFlushes: events.forced_flushes,
    tlbFlushes: events.tlb_flushes,
    freeChunks: events.free_chunks,
    rmapCalls: events.rmap_calls,
    mapcountAtomics: events.mapcount_atomics,
    nrPagesMappedAtomics: events.nr_pages_mapped_atomics,
    refcountAtomics: events.refcount_atomics,
    swapcacheChecks: events.swapcache_checks,
    deferredSplitInserts: events.deferred_split_inserts,
    deferredSplitRemovals: events.deferred_split_removes,
    lruvecLockAcquisitions: events.lruvec_lock_acquisitions,
    zoneLockAcquisitions: events.zone_lock_acquisitions,
    splitLockAcquisitions: events.split_lock_acquisitions,
    ptlAcquisitions: events.ptl_lock_acquisitions,
    foliosFreed: events.folios_freed,
    pagesFreed: events.pages_freed,
  }
}
