/**
 * Runs a scenario with a trace, and reads Perfetto's format back by protobufjs and the messages of track-event.proto: no
 * code of the writer is used.
 */
import { readFileSync } from 'node:fs'

import protobuf from 'protobufjs'

import type { RunReport } from '../../src/metrics/run-report.ts'
import { runVirtual } from '../../src/run/run-virtual.ts'
import type { RunVirtualOptions } from '../../src/run/virtual-options.ts'
import type { ScenarioOverrides } from '../../src/scenario/input.ts'
import { overrideScenario } from '../../src/scenario/overrides.ts'
import { presetScenario } from '../../src/scenario/presets.ts'
import type { TraceSummary } from '../../src/trace/trace-recorder.ts'
import type { TraceFormat } from '../../src/trace/trace-writer.ts'

export interface Traced {
  report: RunReport
  bytes: Buffer
  summary: TraceSummary
}

export interface TraceCase {
  preset: string
  overrides: ScenarioOverrides
  format?: TraceFormat
  bytesMax?: number
  options?: RunVirtualOptions
}

export function traced({ preset, overrides, format, bytesMax, options }: TraceCase): Traced {
  const parts: Buffer[] = []
  let summary: TraceSummary | undefined
  const report = runVirtual(overrideScenario(presetScenario(preset), overrides), {
    ...options,
    trace: {
      format: format ?? 'perfetto',
      write: (bytes) => parts.push(Buffer.from(bytes)),
      ...(bytesMax !== undefined && { bytesMax }),
    },
    onTraced: (ended) => (summary = ended),
  })
  if (summary === undefined) throw new Error('no trace')
  return { report, bytes: Buffer.concat(parts), summary }
}

interface Named {
  iid: number
  name: string
}

/** A packet as protobufjs gives it, 64-bit integers as numbers. */
export interface Packet {
  timestamp?: number
  trustedPacketSequenceId?: number
  sequenceFlags?: number
  trackEvent?: {
    type: string
    nameIid?: number
    trackUuid: number
    counterValue?: number
    flowIds?: number[]
    terminatingFlowIds?: number[]
    debugAnnotations?: { nameIid: number; uintValue: number }[]
  }
  internedData?: { eventNames?: Named[]; debugAnnotationNames?: Named[] }
  trackDescriptor?: { uuid: number; name: string; parentUuid?: number; counter?: { unit: number } }
}

const PROTO = readFileSync(new URL('track-event.proto', import.meta.url), 'utf8')
const trace = protobuf.parse(PROTO, { keepCase: false }).root.lookupType('Trace')

export function packetsOf(bytes: Buffer): Packet[] {
  const options = { longs: Number, enums: String }
  return (trace.toObject(trace.decode(bytes), options) as { packet: Packet[] }).packet
}

/** A slice, an instant (end = begin) or (no end) one that never ended. */
export interface Slice {
  track: string
  parent: string
  name: string
  begin: number
  end: number | undefined
  isInstant: boolean
  /** Within another slice of this name on this track. */
  isNested: boolean
  flows: number[]
  ends: number[]
  annotations: Record<string, number>
}

export interface Reading {
  slices: Slice[]
  counters: { track: string; parent: string; at: number; value: number }[]
  tracks: Map<number, { name: string; parent: string }>
}

/** Follows the packets as a reader of the format does; throws where they do not fit together. */
export function readPackets(packets: readonly Packet[]): Reading {
  const reader = new PacketReader()
  for (const packet of packets) reader.read(packet)
  return reader
}

class PacketReader implements Reading {
  readonly slices: Slice[] = []
  readonly counters: Reading['counters'] = []
  readonly tracks: Reading['tracks'] = new Map()
  readonly #names = new Map<number, string>()
  readonly #annotationNames = new Map<number, string>()
  readonly #open = new Map<number, Slice[]>()
  readonly #last = new Map<number, number>()

  read({ timestamp, trackEvent, internedData, trackDescriptor }: Packet): void {
    for (const { iid, name } of internedData?.eventNames ?? []) this.#names.set(iid, name)
    for (const { iid, name } of internedData?.debugAnnotationNames ?? [])
      this.#annotationNames.set(iid, name)
    if (trackDescriptor !== undefined) {
      const { uuid, name, parentUuid } = trackDescriptor
      const parent = parentUuid === undefined ? '' : (this.tracks.get(parentUuid)?.name ?? '?')
      this.tracks.set(uuid, { name, parent })
    }
    if (trackEvent !== undefined) this.#event(trackEvent, timestamp as number)
  }

  #event(event: NonNullable<Packet['trackEvent']>, at: number): void {
    const track = this.tracks.get(event.trackUuid)
    if (track === undefined) throw new Error(`event on track ${event.trackUuid} without descriptor`)
    const open = this.#open.get(event.trackUuid) ?? []
    this.#open.set(event.trackUuid, open)
    const { type } = event
    if (type === 'TYPE_COUNTER') {
      const { name, parent } = track
      this.counters.push({ track: name, parent, at, value: event.counterValue as number })
      return
    }
    if (at < (this.#last.get(event.trackUuid) ?? 0)) throw new Error(`${track.name} goes back`)
    this.#last.set(event.trackUuid, at)
    if (type === 'TYPE_SLICE_END') {
      const slice = open.pop()
      if (slice === undefined) throw new Error(`an end without begin on ${track.name}`)
      slice.end = at
      return
    }
    const name = this.#names.get(event.nameIid as number)
    if (name === undefined) throw new Error(`no name ${event.nameIid}`)
    const isInstant = type === 'TYPE_INSTANT'
    const annotations = (event.debugAnnotations ?? []).map(({ nameIid, uintValue }) => [
      this.#annotationNames.get(nameIid) ?? '?',
      uintValue,
    ])
    const slice: Slice = {
      track: track.name,
      parent: track.parent,
      name,
      begin: at,
      end: isInstant ? at : undefined,
      isInstant,
      isNested: open.some((outer) => outer.name === name),
      flows: event.flowIds ?? [],
      ends: event.terminatingFlowIds ?? [],
      annotations: Object.fromEntries(annotations) as Record<string, number>,
    }
    this.slices.push(slice)
    if (!isInstant) open.push(slice)
  }
}
