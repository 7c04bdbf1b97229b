/**
 * A trace of virtual time as Perfetto's TrackEvent packets, for ui.perfetto.dev and trace_processor.
 *
 * Each CPU has a track with its functions, and below it tracks for its processes, what it waits for, the locks that it
 * holds (one track for each class) and the fill of its batch. A release that somebody waits for is an instant from which
 * a flow leads to the acquisition.
 */

import { LOCK_CLASS_KEYS } from '../machine/counters.ts'
import type { WriteBytes } from './byte-sink.ts'
import { INSTANT, PerfettoPackets, SLICE_BEGIN, SLICE_END, UNIT_COUNT } from './perfetto-packets.ts'
import { IDLE, type TraceSubject, type TraceWriter } from './trace-writer.ts'

/** The track of the whole run; those of CPU c are numbered from (c + 1) * TRACKS_OF_CPU on. */
const ROOT = 1
const FREE_PAGES = 2
const TRACKS_OF_CPU = 16
const PROCESSES = 1
const WAITS = 2
const BATCH_FILL = 3
const HOLDS = 4

/** Names of annotations. */
const HOLDER_CPU = 1
const LOCK_WORD = 2

export class PerfettoWriter implements TraceWriter {
  readonly #packets: PerfettoPackets
  readonly #subject: TraceSubject
  readonly #tracks = new Set<number>()

  constructor(write: WriteBytes, subject: TraceSubject) {
    this.#packets = new PerfettoPackets(write)
    this.#subject = subject
    this.#describe(ROOT, 0, subject.title, 0)
    this.#describe(FREE_PAGES, ROOT, 'zone: free pages', 0, UNIT_COUNT)
    for (let cpu = 0; cpu < subject.cpus; cpu++)
      this.#describe(trackOf(cpu), ROOT, `CPU ${cpu}`, cpu + 1)
    this.#packets.internAnnotation(HOLDER_CPU, 'holder_cpu')
    this.#packets.internAnnotation(LOCK_WORD, 'lock_word')
  }

  get bytes(): number {
    return this.#packets.bytes
  }

  get events(): number {
    return this.#packets.events
  }

  enter(cpu: number, ns: number, name: string): void {
    const iid = this.#packets.intern(name)
    this.#packets.begin(ns, SLICE_BEGIN, trackOf(cpu))
    this.#packets.name(iid)
    this.#packets.end()
  }

  leave(cpu: number, ns: number): void {
    this.#packets.begin(ns, SLICE_END, trackOf(cpu))
    this.#packets.end()
  }

  waitBegin(cpu: number, ns: number, lock: number, lockClass: number, holder: number): void {
    const track = this.#trackOf(cpu, WAITS, 'waits')
    const iid = this.#packets.intern(`waits for ${LOCK_CLASS_KEYS[lockClass]} lock`)
    this.#packets.begin(ns, SLICE_BEGIN, track)
    this.#packets.name(iid)
    this.#packets.annotation(HOLDER_CPU, holder)
    this.#packets.annotation(LOCK_WORD, lock)
    this.#packets.end()
  }

  waitEnd(cpu: number, ns: number): void {
    this.#packets.begin(ns, SLICE_END, trackOf(cpu) + WAITS)
    this.#packets.end()
  }

  holdBegin(cpu: number, ns: number, _lock: number, lockClass: number, flow: number): void {
    const key = LOCK_CLASS_KEYS[lockClass] as string
    const track = this.#trackOf(cpu, HOLDS + lockClass, `holds ${key}`)
    const iid = this.#packets.intern(key)
    this.#packets.begin(ns, SLICE_BEGIN, track)
    this.#packets.name(iid)
    // terminating_flow_ids, 48
    if (flow !== 0) this.#packets.flow(0x81, 0x03, flow)
    this.#packets.end()
  }

  holdEnd(cpu: number, ns: number, lockClass: number): void {
    this.#packets.begin(ns, SLICE_END, trackOf(cpu) + HOLDS + lockClass)
    this.#packets.end()
  }

  unlock(cpu: number, ns: number, lockClass: number, flow: number): void {
    const track = this.#trackOf(
      cpu,
      HOLDS + lockClass,
      `holds ${LOCK_CLASS_KEYS[lockClass] as string}`,
    )
    const iid = this.#packets.intern('unlock')
    this.#packets.begin(ns, INSTANT, track)
    this.#packets.name(iid)
    // flow_ids, 47
    this.#packets.flow(0xf9, 0x02, flow)
    this.#packets.end()
  }

  flushBegin(cpu: number, ns: number): void {
    const track = this.#trackOf(cpu, WAITS, 'waits')
    const iid = this.#packets.intern('waits for TLB flush')
    this.#packets.begin(ns, SLICE_BEGIN, track)
    this.#packets.name(iid)
    this.#packets.end()
  }

  flushEnd(cpu: number, ns: number): void {
    this.#packets.begin(ns, SLICE_END, trackOf(cpu) + WAITS)
    this.#packets.end()
  }

  batchFill(cpu: number, ns: number, slots: number): void {
    this.#packets.counter(this.#trackOf(cpu, BATCH_FILL, 'batch: slots', UNIT_COUNT), ns, slots)
  }

  lruLength(lruvec: number, ns: number, pages: number): void {
    const track = (this.#subject.cpus + 1) * TRACKS_OF_CPU + lruvec
    if (!this.#tracks.has(track))
      this.#describe(track, ROOT, `lruvec ${lruvec}: pages`, 0, UNIT_COUNT)
    this.#packets.counter(track, ns, pages)
  }

  freePages(ns: number, pages: number): void {
    this.#packets.counter(FREE_PAGES, ns, pages)
  }

  switchProcess(cpu: number, ns: number, from: number, to: number): void {
    const track = this.#trackOf(cpu, PROCESSES, 'process')
    if (from !== IDLE) {
      this.#packets.begin(ns, SLICE_END, track)
      this.#packets.end()
    }
    if (to === IDLE) return
    const iid = this.#packets.intern(`${this.#subject.processName(to)} ${to}`)
    this.#packets.begin(ns, SLICE_BEGIN, track)
    this.#packets.name(iid)
    this.#packets.end()
  }

  settle(): void {}

  close(): void {
    this.#packets.flush()
  }

  #trackOf(cpu: number, kind: number, name: string, unit = 0): number {
    const track = trackOf(cpu) + kind
    if (!this.#tracks.has(track)) this.#describe(track, trackOf(cpu), name, kind, unit)
    return track
  }

  #describe(track: number, parent: number, name: string, rank: number, unit = 0): void {
    this.#tracks.add(track)
    this.#packets.describe(track, parent, name, rank, unit)
  }
}

function trackOf(cpu: number): number {
  return (cpu + 1) * TRACKS_OF_CPU
}
