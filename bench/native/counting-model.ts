/**
 * A second opinion on ref.c's counts: the same model over plain objects, one CPU at a time in process
 * order, written to count and for nothing else. It shares no code with the C program or the simulator.
 */

export interface ModelConfig {
  strategy: 'baseline' | 'range'
  kind: 'anon' | 'file'
  cpus: number
  procs: number
  pages: number
  order: number
  shared: number
  lruvecs: number
  'lruvec-run': number
  'swap-cluster-max': number
  vmas: number
  'hole-every': number
  'va-offset': number
  'pcp-batch': number
  'max-batches': number
  'swapcache-every': number
  'mlocked-every': number
  'zone-device-every': number
  'huge-zero-every': number
  'dirty-every': number
  'nolru-every': number
}

/** What the C program assumes for an option that is not given, except a process of 512 pages. */
const DEFAULTS: ModelConfig = {
  strategy: 'baseline',
  kind: 'anon',
  cpus: 1,
  procs: 1,
  pages: 512,
  order: 0,
  shared: 1,
  lruvecs: 1,
  'lruvec-run': 0,
  'swap-cluster-max': 32,
  vmas: 1,
  'hole-every': 0,
  'va-offset': 0,
  'pcp-batch': 63,
  'max-batches': 0,
  'swapcache-every': 0,
  'mlocked-every': 0,
  'zone-device-every': 0,
  'huge-zero-every': 0,
  'dirty-every': 0,
  'nolru-every': 0,
}

const EVENTS = [
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

export type ModelEvents = Record<(typeof EVENTS)[number], number>

interface Folio {
  size: number
  /** Mappings left, by the number of the page within the folio. */
  maps: Map<number, number>
  refs: number
  swapcache: boolean
  hugeZero: boolean
  zoneDevice: boolean
  mlocked: boolean
  lru: boolean
  dirty: boolean
  queued: boolean
  lruvec: number
}

/** Pages of one folio in the gather: one for the baseline, a run of them for ranges. */
interface Entry {
  folio: Folio
  pages: number[]
}

interface Gather {
  batches: Entry[][]
  allocated: number
  /** The range that may still grow. */
  open: Entry | undefined
  /** Entries whose rmap removal is still to come (ranges only). */
  pending: Entry[]
}

const PTES_PER_TABLE = 512
const LOCAL_ENTRIES = 8
const GATHER_ENTRIES_MAX = 10_000

/** The C program's `every`: n > 0 picks every n-th, counted from 1. */
const nth = (n: number, index: number) => n > 0 && (index + 1) % n === 0

export function countEvents(options: Partial<ModelConfig>): ModelEvents {
  const model = new CountingModel({ ...DEFAULTS, ...options })
  model.run()
  return model.events
}

class CountingModel {
  readonly events = Object.fromEntries(EVENTS.map((name) => [name, 0])) as ModelEvents
  private readonly config: ModelConfig
  private readonly range: boolean
  private readonly folioPages: number
  private readonly groups: Folio[][]
  private readonly pcp: number[]

  constructor(config: ModelConfig) {
    this.config = config
    this.range = config.strategy === 'range'
    this.folioPages = 2 ** config.order
    this.pcp = Array.from({ length: config.cpus }, () => 0)
    const groups = Math.ceil(config.procs / config.shared)
    this.groups = Array.from({ length: groups }, (_, group) => this.createFolios(group))
  }

  run(): void {
    for (let proc = 0; proc < this.config.procs; proc++) this.exit(proc)
  }

  private createFolios(group: number): Folio[] {
    const { config, folioPages: size } = this
    const sharers = Math.min(config.shared, config.procs - group * config.shared)
    const perGroup = config.pages / size
    return Array.from({ length: perGroup }, (_, index) => {
      const f = group * perGroup + index
      const pages = [...Array(size).keys()]
      const mapped = pages.filter((k) => !nth(config['hole-every'], index * size + k))
      const hugeZero = nth(config['huge-zero-every'], f)
      const zoneDevice = !hugeZero && nth(config['zone-device-every'], f)
      const special = hugeZero || zoneDevice
      const swapcache = !special && nth(config['swapcache-every'], f)
      const run = config['lruvec-run']
      return {
        size,
        maps: new Map(mapped.map((k) => [k, sharers])),
        refs: mapped.length * sharers + (swapcache ? size : 0),
        swapcache,
        hugeZero,
        zoneDevice,
        mlocked: !special && nth(config['mlocked-every'], f),
        lru: !special && !nth(config['nolru-every'], f),
        dirty: nth(config['dirty-every'], f),
        queued: false,
        lruvec: (run > 0 ? Math.floor(f / run) : group) % config.lruvecs,
      }
    })
  }

  private exit(proc: number): void {
    const { config, events } = this
    const folios = this.groups[Math.floor(proc / config.shared)] ?? []
    const cpu = proc % config.cpus
    const gather: Gather = { batches: [[]], allocated: 0, open: undefined, pending: [] }
    for (let vma = 0; vma < config.vmas; vma++) {
      const low = Math.floor((config.pages * vma) / config.vmas)
      const high = Math.floor((config.pages * (vma + 1)) / config.vmas)
      const offset = config['va-offset']
      for (let page = low; page < high; ) {
        const nextTable = (Math.floor((page + offset) / PTES_PER_TABLE) + 1) * PTES_PER_TABLE
        const end = Math.min(high, nextTable - offset)
        events.pte_tables++
        while (page < end) page = this.visitTable(cpu, folios, gather, page, end)
      }
    }
    this.flush(cpu, gather)
  }

  /** One visit of a page table under its lock; returns the page at which to go on. */
  private visitTable(
    cpu: number,
    folios: Folio[],
    gather: Gather,
    first: number,
    end: number,
  ): number {
    const { config, events } = this
    events.ptl_lock_acquisitions++
    let page = first
    let full = false
    for (; page < end && !full; page++) {
      const folio = folios[Math.floor(page / this.folioPages)]
      if (folio === undefined || nth(config['hole-every'], page)) continue
      events.ptes_cleared++
      if (folio.dirty && config.kind !== 'anon') events.dirty_marks++
      if (!this.range) this.unmap(folio, [page % this.folioPages])
      full = this.insert(gather, folio, page % this.folioPages)
    }
    if (this.range) {
      for (const entry of gather.pending) this.unmap(entry.folio, entry.pages)
      gather.open = undefined
    }
    gather.pending = []
    if (full) {
      events.forced_flushes++
      this.flush(cpu, gather)
    }
    return page
  }

  /** Returns whether the gather is full. */
  private insert(gather: Gather, folio: Folio, page: number): boolean {
    const { config, events, range } = this
    const { batches, open } = gather
    const active = batches.at(-1) ?? []
    if (range && open !== undefined && open.folio === folio && open.pages.at(-1) === page - 1) {
      open.pages.push(page)
    } else {
      const entry = { folio, pages: [page] }
      gather.open = entry
      active.push(entry)
      gather.pending.push(entry)
      events.gather_entries++
    }
    const perBatch = range ? 255 : 510
    const batchesMax = config['max-batches'] || Math.floor(GATHER_ENTRIES_MAX / perBatch)
    if (active.length < (batches.length === 1 ? LOCAL_ENTRIES : perBatch)) return false
    if (batches.length - 1 === batchesMax) return true
    if (batches.length - 1 === gather.allocated) {
      gather.allocated++
      events.batches_allocated++
    }
    batches.push([])
    gather.open = undefined
    return false
  }

  private unmap(folio: Folio, pages: number[]): void {
    const { events } = this
    events.rmap_calls++
    events.mapcount_atomics += pages.length
    let gone = 0
    for (const page of pages) {
      const left = (folio.maps.get(page) ?? 0) - 1
      if (left > 0) {
        folio.maps.set(page, left)
      } else {
        folio.maps.delete(page)
        gone++
      }
    }
    if (this.folioPages === 1 || (!this.range && gone === 0)) return
    events.nr_pages_mapped_atomics++
    const partly = gone > 0 && folio.maps.size > 0
    if (partly && this.config.kind === 'anon' && !folio.queued) {
      folio.queued = true
      events.deferred_split_inserts++
      events.split_lock_acquisitions++
    }
  }

  private flush(cpu: number, gather: Gather): void {
    this.events.tlb_flushes++
    for (const batch of gather.batches) if (batch.length > 0) this.release(cpu, batch)
    gather.batches = [[]]
    gather.open = undefined
  }

  private release(cpu: number, batch: Entry[]): void {
    const { events } = this
    events.free_chunks++
    events.swapcache_checks += batch.length
    for (const { folio } of batch) {
      if (!folio.swapcache || folio.maps.size > 0) continue
      folio.swapcache = false
      folio.refs -= folio.size
      events.swapcache_drops++
    }
    // The lruvec whose lock is held, and the entries looked at since it was taken.
    const hold: { lruvec: number | undefined; age: number } = { lruvec: undefined, age: 0 }
    const small: Folio[] = []
    for (const entry of batch) {
      if (hold.lruvec !== undefined && ++hold.age === this.config['swap-cluster-max']) {
        hold.lruvec = undefined
      }
      this.releaseEntry(cpu, entry, hold, small)
    }
    for (const folio of small) this.free(cpu, folio)
  }

  private releaseEntry(
    cpu: number,
    { folio, pages }: Entry,
    hold: { lruvec: number | undefined; age: number },
    small: Folio[],
  ): void {
    const { events } = this
    if (folio.hugeZero) {
      events.huge_zero_skips++
      return
    }
    events.refcount_atomics++
    if (folio.zoneDevice) {
      hold.lruvec = undefined
      if (--folio.refs > 0) return
      events.devmap_frees++
      events.folios_freed++
      events.pages_freed++
      return
    }
    folio.refs -= pages.length
    if (folio.refs > 0) return
    if (folio.mlocked) events.mlocked_cleared++
    if (this.folioPages > 1) {
      hold.lruvec = undefined
      this.freeLarge(cpu, folio)
      return
    }
    if (folio.lru) {
      if (hold.lruvec !== folio.lruvec) {
        events.lruvec_lock_acquisitions++
        hold.lruvec = folio.lruvec
        hold.age = 0
      }
      events.lru_deletions++
    }
    small.push(folio)
  }

  private freeLarge(cpu: number, folio: Folio): void {
    const { events } = this
    if (folio.lru) {
      events.lruvec_lock_acquisitions++
      events.lruvec_locks_large++
      events.lru_deletions++
    }
    if (folio.queued) {
      folio.queued = false
      events.deferred_split_removes++
      events.split_lock_acquisitions++
    }
    this.free(cpu, folio)
  }

  private free(cpu: number, folio: Folio): void {
    const { config, events, pcp } = this
    events.folios_freed++
    events.pages_freed += folio.size
    if (config.order > 3 && config.order < 9) {
      events.buddy_direct++
      events.zone_lock_acquisitions++
      return
    }
    const count = (pcp[cpu] ?? 0) + folio.size
    const drained = count >= config['pcp-batch']
    pcp[cpu] = drained ? 0 : count
    if (drained) {
      events.pcp_flushes++
      events.zone_lock_acquisitions++
    }
  }
}
