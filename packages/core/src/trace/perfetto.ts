/**
 * A trace as Perfetto's TrackEvent packets (protos/perfetto/trace/track_event), for ui.perfetto.dev and trace_processor.
 *
 * Each CPU has a track with its functions, and below it tracks for its processes, what it waits for, the locks that it
 * holds (one track for each class) and the fill of its batch. A release that somebody waits for is an instant from which
 * a flow leads to the acquisition. Names are interned, once each. Packets of events are shorter than 128 bytes, so that
 * their lengths take one byte and are filled in afterwards.
 */

import { LOCK_CLASS_KEYS } from '../machine/counters.ts'
import { ByteSink, bytesOf, type WriteBytes } from './byte-sink.ts'
import { IDLE, type TraceSubject, type TraceWriter } from './trace-writer.ts'

const SLICE_BEGIN = 1
const SLICE_END = 2
const INSTANT = 3
const COUNTER = 4

// keys of protobuf fields: number << 3 | wire type
const TRACE_PACKET = 0x0a
const PACKET_TIMESTAMP = 0x40
const PACKET_SEQUENCE = 0x50
const PACKET_TRACK_EVENT = 0x5a
const PACKET_INTERNED = 0x62
const PACKET_FLAGS = 0x68
const EVENT_ANNOTATION = 0x22
const EVENT_TYPE = 0x48
const EVENT_NAME = 0x50
const EVENT_TRACK = 0x58
const SEQUENCE = 1
const STATE_CLEARED = 1
const NEEDS_STATE = 2

/** Packets of events are shorter. */
const EVENT_BYTES_MAX = 127

/** The track of the whole run; those of CPU c are numbered from (c + 1) * TRACKS_OF_CPU on. */
const ROOT = 1
const FREE_PAGES = 2
const TRACKS_OF_CPU = 16
const PROCESSES = 1
const WAITS = 2
const BATCH_FILL = 3
const HOLDS = 4

const UNIT_COUNT = 2
const ORDER_EXPLICIT = 3

export class PerfettoWriter implements TraceWriter {
  readonly #sink: ByteSink
  readonly #subject: TraceSubject
  readonly #names = new Map<string, number>()
  readonly #tracks = new Set<number>()
  readonly #buffer: Uint8Array
  readonly #holder: number
  readonly #lock: number
  #events = 0
  #at = 0
  #packet = 0
  #event = 0

  constructor(write: WriteBytes, subject: TraceSubject) {
    this.#sink = new ByteSink(write)
    this.#buffer = this.#sink.buffer
    this.#subject = subject
    this.#message((packet) => {
      packet.varint(PACKET_SEQUENCE, SEQUENCE)
      packet.varint(PACKET_FLAGS, STATE_CLEARED)
    })
    this.#describe(ROOT, 0, subject.title, 0)
    this.#describe(FREE_PAGES, ROOT, 'zone: free pages', 0, true)
    for (let cpu = 0; cpu < subject.cpus; cpu++)
      this.#describe(trackOf(cpu), ROOT, `CPU ${cpu}`, cpu + 1)
    // names of annotations are numbered apart from those of events
    this.#holder = 1
    this.#lock = 2
    this.#internAnnotation(this.#holder, 'holder_cpu')
    this.#internAnnotation(this.#lock, 'lock_word')
  }

  get bytes(): number {
    return this.#sink.bytes
  }

  get events(): number {
    return this.#events
  }

  enter(cpu: number, ns: number, name: string): void {
    const iid = this.#intern(name)
    this.#begin(ns, SLICE_BEGIN, trackOf(cpu))
    this.#name(iid)
    this.#end()
  }

  leave(cpu: number, ns: number): void {
    this.#begin(ns, SLICE_END, trackOf(cpu))
    this.#end()
  }

  waitBegin(cpu: number, ns: number, lock: number, lockClass: number, holder: number): void {
    const track = this.#trackOf(cpu, WAITS, 'waits')
    const iid = this.#intern(`waits for ${LOCK_CLASS_KEYS[lockClass]} lock`)
    this.#begin(ns, SLICE_BEGIN, track)
    this.#name(iid)
    this.#annotation(this.#holder, holder)
    this.#annotation(this.#lock, lock)
    this.#end()
  }

  waitEnd(cpu: number, ns: number): void {
    this.#begin(ns, SLICE_END, trackOf(cpu) + WAITS)
    this.#end()
  }

  holdBegin(cpu: number, ns: number, _lock: number, lockClass: number, flow: number): void {
    const key = LOCK_CLASS_KEYS[lockClass] as string
    const track = this.#trackOf(cpu, HOLDS + lockClass, `holds ${key}`)
    const iid = this.#intern(key)
    this.#begin(ns, SLICE_BEGIN, track)
    this.#name(iid)
    // terminating_flow_ids, 48
    if (flow !== 0) this.#flow(0x81, 0x03, flow)
    this.#end()
  }

  holdEnd(cpu: number, ns: number, lockClass: number): void {
    this.#begin(ns, SLICE_END, trackOf(cpu) + HOLDS + lockClass)
    this.#end()
  }

  unlock(cpu: number, ns: number, lockClass: number, flow: number): void {
    const track = this.#trackOf(
      cpu,
      HOLDS + lockClass,
      `holds ${LOCK_CLASS_KEYS[lockClass] as string}`,
    )
    const iid = this.#intern('unlock')
    this.#begin(ns, INSTANT, track)
    this.#name(iid)
    // flow_ids, 47
    this.#flow(0xf9, 0x02, flow)
    this.#end()
  }

  flushBegin(cpu: number, ns: number): void {
    const track = this.#trackOf(cpu, WAITS, 'waits')
    const iid = this.#intern('waits for TLB flush')
    this.#begin(ns, SLICE_BEGIN, track)
    this.#name(iid)
    this.#end()
  }

  flushEnd(cpu: number, ns: number): void {
    this.#begin(ns, SLICE_END, trackOf(cpu) + WAITS)
    this.#end()
  }

  batchFill(cpu: number, ns: number, slots: number): void {
    this.#counter(this.#trackOf(cpu, BATCH_FILL, 'batch: slots', true), ns, slots)
  }

  lruLength(lruvec: number, ns: number, pages: number): void {
    const track = (this.#subject.cpus + 1) * TRACKS_OF_CPU + lruvec
    if (!this.#tracks.has(track)) this.#describe(track, ROOT, `lruvec ${lruvec}: pages`, 0, true)
    this.#counter(track, ns, pages)
  }

  freePages(ns: number, pages: number): void {
    this.#counter(FREE_PAGES, ns, pages)
  }

  switchProcess(cpu: number, ns: number, from: number, to: number): void {
    const track = this.#trackOf(cpu, PROCESSES, 'process')
    if (from !== IDLE) {
      this.#begin(ns, SLICE_END, track)
      this.#end()
    }
    if (to === IDLE) return
    const iid = this.#intern(`${this.#subject.processName(to)} ${to}`)
    this.#begin(ns, SLICE_BEGIN, track)
    this.#name(iid)
    this.#end()
  }

  settle(): void {}

  close(): void {
    this.#sink.flush()
  }

  #trackOf(cpu: number, kind: number, name: string, isCounter = false): number {
    const track = trackOf(cpu) + kind
    if (!this.#tracks.has(track)) this.#describe(track, trackOf(cpu), name, kind, isCounter)
    return track
  }

  #intern(name: string): number {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const iid = this.#names.size + 1
    this.#names.set(name, iid)
    this.#internNamed(2, iid, name)
    return iid
  }

  #internAnnotation(iid: number, name: string): void {
    this.#internNamed(3, iid, name)
  }

  /** An entry of InternedData: event_names (2) or debug_annotation_names (3). */
  #internNamed(field: number, iid: number, name: string): void {
    const entry = new Message()
    entry.varint(0x08, iid)
    entry.text(0x12, name)
    const interned = new Message()
    interned.message((field << 3) | 2, entry)
    this.#message((packet) => {
      packet.varint(PACKET_SEQUENCE, SEQUENCE)
      packet.varint(PACKET_FLAGS, NEEDS_STATE)
      packet.message(PACKET_INTERNED, interned)
    })
  }

  /** A TrackDescriptor. */
  #describe(track: number, parent: number, name: string, rank: number, isCounter = false): void {
    this.#tracks.add(track)
    const descriptor = new Message()
    descriptor.varint(0x08, track)
    descriptor.text(0x12, name)
    if (parent !== 0) descriptor.varint(0x28, parent)
    if (isCounter) {
      const counter = new Message()
      counter.varint(0x18, UNIT_COUNT)
      descriptor.message(0x42, counter)
    } else descriptor.varint(0x58, ORDER_EXPLICIT)
    descriptor.varint(0x60, rank)
    this.#message((packet) => {
      packet.varint(PACKET_SEQUENCE, SEQUENCE)
      // track_descriptor, 60
      packet.message(0x1e2, descriptor)
    })
  }

  #message(fill: (packet: Message) => void): void {
    const packet = new Message()
    fill(packet)
    const trace = new Message()
    trace.message(TRACE_PACKET, packet)
    const at = this.#sink.reserve(trace.bytes.length)
    this.#buffer.set(trace.bytes, at)
    this.#sink.commit(at + trace.bytes.length)
  }

  /** Opens the packet of an event. */
  #begin(ns: number, type: number, track: number): void {
    const buffer = this.#buffer
    let at = this.#sink.reserve(EVENT_BYTES_MAX + 2)
    buffer[at++] = TRACE_PACKET
    this.#packet = at++
    buffer[at++] = PACKET_TIMESTAMP
    this.#at = at
    this.#varint(ns)
    at = this.#at
    buffer[at++] = PACKET_SEQUENCE
    buffer[at++] = SEQUENCE
    buffer[at++] = PACKET_FLAGS
    buffer[at++] = NEEDS_STATE
    buffer[at++] = PACKET_TRACK_EVENT
    this.#event = at++
    buffer[at++] = EVENT_TYPE
    buffer[at++] = type
    buffer[at++] = EVENT_TRACK
    this.#at = at
    this.#varint(track)
  }

  /** Closes it. */
  #end(): void {
    this.#buffer[this.#event] = this.#at - this.#event - 1
    this.#buffer[this.#packet] = this.#at - this.#packet - 1
    this.#sink.commit(this.#at)
    this.#events++
  }

  #name(iid: number): void {
    this.#buffer[this.#at++] = EVENT_NAME
    this.#varint(iid)
  }

  /** A DebugAnnotation with an integer. */
  #annotation(name: number, value: number): void {
    this.#buffer[this.#at++] = EVENT_ANNOTATION
    const length = this.#at++
    this.#buffer[this.#at++] = 0x08
    this.#buffer[this.#at++] = name
    this.#buffer[this.#at++] = 0x18
    this.#varint(value)
    this.#buffer[length] = this.#at - length - 1
  }

  /** A fixed64 under a key of two bytes. */
  #flow(key: number, key2: number, flow: number): void {
    const buffer = this.#buffer
    let at = this.#at
    buffer[at++] = key
    buffer[at++] = key2
    let rest = flow
    for (let i = 0; i < 8; i++) {
      buffer[at++] = rest % 256
      rest = Math.floor(rest / 256)
    }
    this.#at = at
  }

  #counter(track: number, ns: number, value: number): void {
    this.#begin(ns, COUNTER, track)
    // counter_value, 30
    this.#buffer[this.#at++] = 0xf0
    this.#buffer[this.#at++] = 0x01
    this.#varint(value)
    this.#end()
  }

  /** A non-negative integer below 2^53. */
  #varint(value: number): void {
    const buffer = this.#buffer
    let at = this.#at
    let rest = value
    while (rest > 0x7fffffff) {
      buffer[at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      buffer[at++] = (rest & 127) | 128
      rest >>= 7
    }
    buffer[at++] = rest
    this.#at = at
  }
}

function trackOf(cpu: number): number {
  return (cpu + 1) * TRACKS_OF_CPU
}

/** A message of any length, for what is written rarely. */
class Message {
  readonly bytes: number[] = []

  varint(key: number, value: number): void {
    this.#push(key)
    this.#push(value)
  }

  text(key: number, text: string): void {
    this.#delimited(key, bytesOf(text))
  }

  message(key: number, message: Message): void {
    this.#delimited(key, message.bytes)
  }

  #delimited(key: number, bytes: ArrayLike<number> & Iterable<number>): void {
    this.#push(key)
    this.#push(bytes.length)
    for (const byte of bytes) this.bytes.push(byte)
  }

  #push(value: number): void {
    let rest = value
    for (; rest > 127; rest >>= 7) this.bytes.push((rest & 127) | 128)
    this.bytes.push(rest)
  }
}
