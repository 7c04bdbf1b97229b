/**
 * Perfetto's TrackEvent packets (protos/perfetto/trace/track_event), byte by byte: descriptors of tracks, interned names,
 * slices, instants and counters.
 *
 * Owns one sequence of packets. Names are interned, once each, event names and annotation names apart. Invariant: packets of
 * events are shorter than 128 bytes, so that their lengths take one byte and are filled in afterwards.
 */

import { ByteSink, bytesOf, type WriteBytes } from './byte-sink.ts'

export const SLICE_BEGIN = 1
export const SLICE_END = 2
export const INSTANT = 3
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

const ORDER_EXPLICIT = 3
/** Units of counters. */
export const UNIT_TIME_NS = 1
export const UNIT_COUNT = 2

export class PerfettoPackets {
  readonly #sink: ByteSink
  readonly #names = new Map<string, number>()
  readonly #buffer: Uint8Array
  #events = 0
  #at = 0
  #packet = 0
  #event = 0

  constructor(write: WriteBytes) {
    this.#sink = new ByteSink(write)
    this.#buffer = this.#sink.buffer
    this.#message((packet) => {
      packet.varint(PACKET_SEQUENCE, SEQUENCE)
      packet.varint(PACKET_FLAGS, STATE_CLEARED)
    })
  }

  get bytes(): number {
    return this.#sink.bytes
  }

  /** Packets of events. */
  get events(): number {
    return this.#events
  }

  flush(): void {
    this.#sink.flush()
  }

  /** The number of an event's name. */
  intern(name: string): number {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const iid = this.#names.size + 1
    this.#names.set(name, iid)
    this.#internNamed(2, iid, name)
    return iid
  }

  /** Gives an annotation's name a number below 128. */
  internAnnotation(iid: number, name: string): void {
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

  /**
   * A TrackDescriptor.
   * @param parent - its track; 0: none.
   * @param unit - of a counter; 0: the track has slices.
   */
  describe(track: number, parent: number, name: string, rank: number, unit = 0): void {
    const descriptor = new Message()
    descriptor.varint(0x08, track)
    descriptor.text(0x12, name)
    if (parent !== 0) descriptor.varint(0x28, parent)
    if (unit !== 0) {
      const counter = new Message()
      counter.varint(0x18, unit)
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
  begin(ns: number, type: number, track: number): void {
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
  end(): void {
    this.#buffer[this.#event] = this.#at - this.#event - 1
    this.#buffer[this.#packet] = this.#at - this.#packet - 1
    this.#sink.commit(this.#at)
    this.#events++
  }

  /** Of the event that is open. */
  name(iid: number): void {
    this.#buffer[this.#at++] = EVENT_NAME
    this.#varint(iid)
  }

  /** A DebugAnnotation with an integer. */
  annotation(name: number, value: number): void {
    this.#buffer[this.#at++] = EVENT_ANNOTATION
    const length = this.#at++
    this.#buffer[this.#at++] = 0x08
    this.#buffer[this.#at++] = name
    this.#buffer[this.#at++] = 0x18
    this.#varint(value)
    this.#buffer[length] = this.#at - length - 1
  }

  /** A fixed64 under a key of two bytes. */
  flow(key: number, key2: number, flow: number): void {
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

  /** A whole event: the value of a counter. */
  counter(track: number, ns: number, value: number): void {
    this.begin(ns, COUNTER, track)
    // counter_value, 30
    this.#buffer[this.#at++] = 0xf0
    this.#buffer[this.#at++] = 0x01
    this.#varint(value)
    this.end()
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
