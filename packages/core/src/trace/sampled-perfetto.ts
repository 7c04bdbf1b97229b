/**
 * A sampled trace as Perfetto's TrackEvent packets: a counter track for each figure, and for each CPU what its thread is at,
 * its process, and the lock that it was seen waiting for.
 *
 * The root track's name says that the trace is sampled; instants on it carry the facts of the sampling.
 */

import type { WriteBytes } from './byte-sink.ts'
import {
  INSTANT,
  PerfettoPackets,
  SLICE_BEGIN,
  SLICE_END,
  UNIT_COUNT,
  UNIT_TIME_NS,
} from './perfetto-packets.ts'
import type { SampleWriter } from './sample-writer.ts'
import { type Series, SERIES_GROUPS } from './sampled-series.ts'
import { IDLE, type TraceSubject } from './trace-writer.ts'

const ROOT = 1
/** Tracks of CPU c are numbered from (c + 1) * TRACKS_OF_CPU on, those of groups from GROUPS on. */
const GROUPS = 2
const TRACKS_OF_CPU = 8
const PROCESSES = 1
const WAITS = 2

export class SampledPerfettoWriter implements SampleWriter {
  readonly #packets: PerfettoPackets
  readonly #subject: TraceSubject
  readonly #tracks = new Set<number>()
  readonly #facts = new Map<string, number>()
  /** By CPU: is a slice of its thread's phase open? */
  readonly #isInPhase: boolean[]

  constructor(write: WriteBytes, subject: TraceSubject) {
    this.#packets = new PerfettoPackets(write)
    this.#subject = subject
    this.#isInPhase = Array.from({ length: subject.cpus }, () => false)
    this.#describe(ROOT, 0, subject.title, 0)
    SERIES_GROUPS.forEach((group, i) =>
      this.#describe(GROUPS + i, ROOT, group, subject.cpus + 1 + i),
    )
    for (let cpu = 0; cpu < subject.cpus; cpu++)
      this.#describe(trackOf(cpu), ROOT, `CPU ${cpu}`, cpu + 1)
  }

  get bytes(): number {
    return this.#packets.bytes
  }

  get events(): number {
    return this.#packets.events
  }

  value(ns: number, { name, of, unit }: Series, number: number, value: number): void {
    const track = (this.#subject.cpus + 1) * TRACKS_OF_CPU + number
    if (!this.#tracks.has(track)) {
      const parent =
        of === undefined
          ? ROOT
          : typeof of === 'number'
            ? trackOf(of)
            : GROUPS + SERIES_GROUPS.indexOf(of)
      this.#describe(track, parent, name, number, unit === 'ns' ? UNIT_TIME_NS : UNIT_COUNT)
    }
    this.#packets.counter(track, ns, value)
  }

  phase(cpu: number, ns: number, name: string | undefined): void {
    if (this.#isInPhase[cpu] === true) this.#slice(ns, trackOf(cpu), undefined)
    this.#isInPhase[cpu] = name !== undefined
    if (name !== undefined) this.#slice(ns, trackOf(cpu), name)
  }

  process(cpu: number, ns: number, from: number, to: number): void {
    const track = this.#trackOf(cpu, PROCESSES, 'process (sampled)')
    if (from !== IDLE) this.#slice(ns, track, undefined)
    if (to !== IDLE) this.#slice(ns, track, `${this.#subject.processName(to)} ${to}`)
  }

  wait(cpu: number, ns: number, lockClass: string | undefined): void {
    const track = this.#trackOf(cpu, WAITS, 'waits (sampled)')
    this.#slice(ns, track, lockClass && `seen waiting for ${lockClass} lock`)
  }

  note(ns: number, name: string, facts: Readonly<Record<string, number>>): void {
    for (const fact of Object.keys(facts)) {
      if (this.#facts.has(fact)) continue
      this.#facts.set(fact, this.#facts.size + 1)
      this.#packets.internAnnotation(this.#facts.size, fact)
    }
    const iid = this.#packets.intern(name)
    this.#packets.begin(ns, INSTANT, ROOT)
    this.#packets.name(iid)
    for (const [fact, value] of Object.entries(facts))
      this.#packets.annotation(this.#facts.get(fact) as number, value)
    this.#packets.end()
  }

  close(): void {
    this.#packets.flush()
  }

  /** Begins a slice, or (no name) ends the one that is open. */
  #slice(ns: number, track: number, name: string | undefined): void {
    if (name === undefined) {
      this.#packets.begin(ns, SLICE_END, track)
    } else {
      const iid = this.#packets.intern(name)
      this.#packets.begin(ns, SLICE_BEGIN, track)
      this.#packets.name(iid)
    }
    this.#packets.end()
  }

  #trackOf(cpu: number, kind: number, name: string): number {
    const track = trackOf(cpu) + kind
    if (!this.#tracks.has(track)) this.#describe(track, trackOf(cpu), name, kind)
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
