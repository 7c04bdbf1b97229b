/**
 * The plain accesses of kernel text in the raw form: performed at once, in the order of the schedule, and kept track of.
 *
 * Every word that changes is noted with its value at the start of the execution, so that the machine can be put back
 * without looking at the rest of it. Race detection, rules that watch words and the words whose plain stores other CPUs
 * may look at without a lock are asked from here, each only if an engine has bound it. Without an engine these are the
 * accesses of machine/memory.ts.
 */

import { CONTROL } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { foreignBlock, isRacing, plainRead, plainWrite } from './check-races.ts'

/** More plain accesses than this between two synchronising operations are an endless loop. */
const FUEL = 5_000_000

/** Bits of `wordState`. */
const STORED = 1
const MARKED = 2
const ADDED = 4
const LOOKED_AT = 8
const LOADED = 16
const ATOMIC = 32

/** A loop without a synchronising operation does not end. */
export class LostProgressError extends Error {
  constructor() {
    super(`no synchronising operation in ${FUEL} plain accesses: a loop that does not end`)
    this.name = 'LostProgressError'
  }
}

/** Access to a word that no object has: those below the control block, and what lies behind the last one. */
export class WildAccessError extends Error {
  constructor(address: number) {
    super(`word ${address} is part of no object: a NULL or a wild pointer`)
    this.name = 'WildAccessError'
  }
}

let isTracked = false
let wordsEnd = 0
let fuel = FUEL
let execution = 0
/** By word: the execution that changed it last. */
let changedIn = new Int32Array(0)
let changed = new Int32Array(0)
let before = new Int32Array(0)
let nrChanged = 0
let wordState = new Uint8Array(0)
let hasNewMark = false
/** Marked words that the current step has stored to. */
export const markedStores: number[] = []
/** Words that atomics change and that the current step has loaded plainly. */
export const markedLoads: number[] = []

type Watch = (address: number, old: number, value: number) => void
let watchFrom = Infinity
let watch: Watch = () => undefined

/** Begins to keep track of the bound machine's words. */
export function trackMemory(words: number): void {
  isTracked = true
  changedIn = new Int32Array(words)
  changed = new Int32Array(words)
  before = new Int32Array(words)
  wordState = new Uint8Array(words)
  wordsEnd = words
  execution = 0
  nrChanged = 0
  hasNewMark = false
  markedStores.length = 0
  markedLoads.length = 0
}

/** Plain accesses are those of machine/memory.ts again. */
export function untrackMemory(): void {
  isTracked = false
  watchFrom = Infinity
}

/** Every plain store to a word from `from` on is told to `callback`, before it happens. */
export function watchStores(from: number, callback: Watch): void {
  watchFrom = from
  watch = callback
}

/** Another execution begins: words that change from here on are noted. */
export function beginExecution(): void {
  execution++
  nrChanged = 0
  fuel = FUEL
  markedStores.length = 0
  markedLoads.length = 0
}

/** Puts every word back to its value at the start of the execution. */
export function undoExecution(): void {
  for (let i = nrChanged - 1; i >= 0; i--) mem[changed[i] as number] = before[i] as number
  nrChanged = 0
}

/** A synchronising operation is about to change this word. */
export function noteChange(address: number): void {
  if (changedIn[address] === execution) return
  changedIn[address] = execution
  changed[nrChanged] = address
  before[nrChanged++] = mem[address] as number
}

/** As `noteChange`, and nothing without an engine. */
export function noteOwnChange(address: number): void {
  if (isTracked) noteChange(address)
}

/** A synchronising operation was performed: there is progress. */
export function refuel(): void {
  fuel = FUEL
}

/**
 * A CPU looks at this word without a lock: from now on plain stores to it are noted in `markedStores`. Words that were
 * stored to before that make what was explored incomplete: see `takeNewMarks`.
 */
export function markWord(address: number): void {
  const state = wordState[address] as number
  if ((state & MARKED) !== 0) return
  wordState[address] = state | MARKED
  if ((state & STORED) !== 0) hasNewMark = true
}

/** A synchronising operation tells something about this word to a CPU. */
export function lookedAt(address: number): void {
  const state = wordState[address] as number
  if ((state & LOOKED_AT) !== 0) return
  wordState[address] = state | LOOKED_AT
  if ((state & ADDED) !== 0) hasNewMark = true
}

/** An atomic changes this word: from now on plain loads of it by other CPUs are noted in `markedLoads`. */
export function changedByAtomic(address: number): void {
  const state = wordState[address] as number
  if ((state & ATOMIC) !== 0) return
  wordState[address] = state | ATOMIC
  if ((state & LOADED) !== 0) hasNewMark = true
}

/** Something is added to this word, and nobody is told; does anybody ever look at it? */
export function addedTo(address: number): boolean {
  const state = wordState[address] as number
  if ((state & ADDED) === 0) wordState[address] = state | ADDED
  return (state & LOOKED_AT) !== 0
}

/** What is known of the words: which are marked, added to, looked at. Another thread may go on from it. */
export function knownMarks(): Uint8Array {
  return wordState.slice()
}

/** Nothing is known of the words. */
export function forgetMarks(): void {
  wordState.fill(0)
  hasNewMark = false
}

/** Takes over what another thread knows. */
export function adoptMarks(marks: Uint8Array): void {
  for (let i = 0; i < marks.length; i++)
    wordState[i] = (wordState[i] as number) | (marks[i] as number)
}

/** Has it turned out that more steps depend on each other than was known when they were made? Asked once. */
export function takeNewMarks(): boolean {
  const was = hasNewMark
  hasNewMark = false
  return was
}

/** Two 26-bit hashes of what the execution has left in memory, as one number below 2^52. */
export function hashChanges(): number {
  let a = 0
  let b = 0
  for (let i = 0; i < nrChanged; i++) {
    const address = changed[i] as number
    const value = mem[address] as number
    if (value === before[i]) continue
    let z =
      Math.imul(address ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(value ^ (address << 7), 0xc2b2ae35)
    z = Math.imul(z ^ (z >>> 15), 0x2c1b3c6d)
    z ^= z >>> 13
    a = (a + z) | 0
    b = (b + Math.imul(z ^ (z >>> 11), 0x297a2d39)) | 0
  }
  return (a >>> 6) * 2 ** 26 + (b >>> 6)
}

/** How many words the execution has changed so far. */
export function changedWords(): number {
  return nrChanged
}

export function load(address: number): number {
  if (isTracked) {
    if (--fuel < 0) throw new LostProgressError()
    if (foreignBlock(address)) {
      checkAddress(address)
      if (isRacing) plainRead(address)
      const state = wordState[address] as number
      if ((state & (LOADED | ATOMIC)) !== LOADED) noteLoad(address, state)
    }
  }
  return mem[address] as number
}

/** Throws unless an object may lie at this address. */
export function checkAddress(address: number): void {
  if (!(address >= CONTROL && address < wordsEnd)) throw new WildAccessError(address)
}

function noteLoad(address: number, state: number): void {
  wordState[address] = state | LOADED
  if ((state & ATOMIC) !== 0 && !markedLoads.includes(address)) markedLoads.push(address)
}

export function store(address: number, value: number): void {
  if (isTracked) trackStore(address, value)
  mem[address] = value
}

function trackStore(address: number, value: number): void {
  if (--fuel < 0) throw new LostProgressError()
  checkAddress(address)
  if (changedIn[address] !== execution) noteChange(address)
  if (isRacing && foreignBlock(address)) plainWrite(address)
  const state = wordState[address] as number
  if (state !== STORED) {
    if ((state & MARKED) !== 0) markedStores.push(address)
    wordState[address] = state | STORED
  }
  if (address >= watchFrom) watch(address, mem[address] as number, value)
}
