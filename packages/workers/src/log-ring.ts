/**
 * The log of a CPU thread: a ring of records in the shared buffer, one for each CPU, read by the main thread.
 *
 * A CPU thread never writes to stdout or posts a message during a run; what it has to say goes here. Layout: the first
 * line of a ring holds the number of records written since populate; record i lies at i mod LOG_RING_RECORDS. One
 * writer: the thread of that CPU. A reader sees whole records as long as it is not LOG_RING_RECORDS behind; the count
 * is stored after the record.
 */

import {
  LINE_WORDS,
  LOG_RECORD_WORDS,
  LOG_RING_RECORDS,
  LOG_RING_WORDS,
  type Machine,
} from '@mmgather/core'

/** What can be logged; a record holds the index. */
const LOG_EVENTS = ['arrived', 'started', 'finished', 'left', 'bug', 'threw'] as const

export type LogEvent = (typeof LOG_EVENTS)[number]

export interface LogRecord {
  event: LogEvent
  /** Microseconds from the epoch of the CPU set. */
  timeUs: number
  /** Process the CPU was at; -1: none. */
  process: number
}

function ringOf(machine: Machine, cpu: number): number {
  return machine.globals.LOG_RINGS + cpu * LOG_RING_WORDS
}

/** Appends a record; for the thread of this CPU only. */
export function writeLog(machine: Machine, cpu: number, record: LogRecord): void {
  const ring = ringOf(machine, cpu)
  const written = Atomics.load(machine.words, ring)
  const at = recordAt(ring, written)
  machine.words[at] = LOG_EVENTS.indexOf(record.event)
  machine.words[at + 1] = record.timeUs
  machine.words[at + 2] = record.process
  Atomics.store(machine.words, ring, (written + 1) | 0)
}

/** The last records of a CPU since populate, oldest first. */
export function readLog(machine: Machine, cpu: number): LogRecord[] {
  return readLogFrom(machine, cpu, 0).records
}

/** The records of a CPU from number `first` on, as far as they are still there, and the number of the next one. */
export function readLogFrom(
  machine: Machine,
  cpu: number,
  first: number,
): { records: LogRecord[]; next: number } {
  const ring = ringOf(machine, cpu)
  const written = Atomics.load(machine.words, ring)
  const records: LogRecord[] = []
  for (let i = Math.max(first, written - LOG_RING_RECORDS); i < written; i++) {
    const at = recordAt(ring, i)
    const event = LOG_EVENTS[machine.words[at] ?? -1]
    if (event === undefined) continue
    const [timeUs = 0, process = -1] = machine.words.subarray(at + 1, at + 3)
    records.push({ event, timeUs, process })
  }
  return { records, next: written }
}

function recordAt(ring: number, index: number): number {
  return ring + LINE_WORDS + (index % LOG_RING_RECORDS) * LOG_RECORD_WORDS
}
