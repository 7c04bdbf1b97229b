/**
 * Runs the measuring loops on this thread and times them.
 *
 * The memory's first pages hold the words that loops work on, the rest is the large buffer that no cache holds. Each
 * sample is a run of a loop that takes about SAMPLE_MS; the loops run before the first sample, so that pages are there
 * and the clock is up.
 */

import type { SharedMemory } from '@mmgather/core'

import { CHASE_OPS, CLOCK_OPS, EXCHANGE_OPS, LINE, LINE_PAIR, type Loops, PAGE } from './loops.ts'
import type { DuoKind, SoloKind } from './requests.ts'

/** The buffer begins here. */
export const BUFFER_START: number = 16 * PAGE
const SAMPLE_MS = 1
const CHAIN = PAGE
const CHAIN_LINES = 16
const WORD = 4 * PAGE
/** Of two threads: the word between them, their ticket lock, and where they meet. */
const TURN = 6 * PAGE
const TICKETS = 8 * PAGE
const BARRIER = 10 * PAGE
/** Few enough that a sample ends between two interruptions of a thread. */
const DUO_ROUNDS = 1000

type Timed = { ops: number; run: (rounds: number) => void; prepare?: () => void }

/** The nanoseconds of one operation, `samples` times. */
export function measureAlone(
  loops: Loops,
  memory: SharedMemory,
  kind: SoloKind,
  samples: number,
): number[] {
  if (kind === 'memory' || kind === 'clearPage' || kind === 'copyPage') {
    return overBuffer(loops, memory.buffer.byteLength, kind, samples)
  }
  const timed = smallLoop(loops, new Int32Array(memory.buffer), kind)
  const rounds = roundsOf(timed)
  return Array.from({ length: samples }, () => nsOf(timed, rounds))
}

function smallLoop(
  loops: Loops,
  words: Int32Array,
  kind: Exclude<SoloKind, 'memory' | 'clearPage' | 'copyPage'>,
): Timed {
  const clear = (): void => {
    words[WORD / 4] = 0
  }
  linkChain(words)
  const timed: Record<typeof kind, Timed> = {
    clock: { ops: CLOCK_OPS, run: (rounds) => loops.clock(12345, rounds) },
    access: { ops: CHASE_OPS, run: (rounds) => loops.chase(CHAIN, rounds) },
    atomic: { ops: EXCHANGE_OPS, run: (rounds) => loops.exchanges(WORD, rounds) },
    lock: { ops: 1, prepare: clear, run: (rounds) => loops.lock(WORD, rounds) },
    lockUnlock: { ops: 1, prepare: clear, run: (rounds) => loops.lockUnlock(WORD, rounds) },
  }
  return timed[kind]
}

/** A ring of addresses, one in each line of a page, that no prefetcher makes shorter. */
function linkChain(words: Int32Array): void {
  const address = (i: number): number => CHAIN + ((i * 5) % CHAIN_LINES) * LINE_PAIR
  for (let i = 0; i < CHAIN_LINES; i++) words[address(i) / 4] = address(i + 1)
}

/** Rounds for about SAMPLE_MS, found by doubling, which warms up as well. */
function roundsOf(timed: Timed): number {
  for (let rounds = 64; ; rounds *= 2) {
    const ms = (nsOf(timed, rounds) * timed.ops * rounds) / 1e6
    if (ms >= SAMPLE_MS) return rounds
  }
}

function nsOf(timed: Timed, rounds: number): number {
  timed.prepare?.()
  const start = performance.now()
  timed.run(rounds)
  return ((performance.now() - start) * 1e6) / (rounds * timed.ops)
}

function overBuffer(
  loops: Loops,
  end: number,
  kind: 'memory' | 'clearPage' | 'copyPage',
  samples: number,
): number[] {
  const half = BUFFER_START + Math.floor((end - BUFFER_START) / 2 / PAGE) * PAGE
  const size = half - BUFFER_START
  const passes: Record<typeof kind, Timed> = {
    memory: { ops: (end - BUFFER_START) / LINE, run: () => loops.stream(BUFFER_START, end) },
    clearPage: {
      ops: (end - BUFFER_START) / PAGE,
      run: () => loops.clearPages(BUFFER_START, end),
    },
    copyPage: { ops: size / PAGE, run: () => loops.copyPages(BUFFER_START, half, size) },
  }
  loops.clearPages(BUFFER_START, end)
  return Array.from({ length: samples }, () => nsOf(passes[kind], 1))
}

/** One thread's half of a measurement of two; both get the same times, but for their clocks. */
export function measureTogether(
  loops: Loops,
  memory: SharedMemory,
  kind: DuoKind,
  samples: number,
  me: number,
): number[] {
  const words = new Int32Array(memory.buffer)
  return Array.from({ length: samples }, (_, sample) => {
    if (me === 0) {
      words[TURN / 4] = 0
      words[TICKETS / 4] = 0
      words[(TICKETS + LINE_PAIR) / 4] = 0
    }
    meet(words, 4 * sample + 2)
    const start = performance.now()
    if (kind === 'transfer') loops.pingPong(TURN, me, DUO_ROUNDS)
    else loops.ticketLock(TICKETS, DUO_ROUNDS)
    const ms = performance.now() - start
    // The words must stay until both threads are through.
    meet(words, 4 * sample + 4)
    return (ms * 1e6) / (2 * DUO_ROUNDS)
  })
}

/** Returns when `arrivals` have come, both threads together. Spinning: a thread that sleeps is late by microseconds. */
function meet(words: Int32Array, arrivals: number): void {
  Atomics.add(words, BARRIER / 4, 1)
  while (Atomics.load(words, BARRIER / 4) < arrivals);
}

/** To be called while neither thread measures, before a measurement of two. */
export function resetMeeting(memory: SharedMemory): void {
  Atomics.store(new Int32Array(memory.buffer), BARRIER / 4, 0)
}
