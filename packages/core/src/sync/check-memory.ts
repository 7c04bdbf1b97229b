/**
 * The plain accesses of kernel text as the checker runs it: performed at once, in the order of the schedule, and kept track
 * of.
 *
 * A CPU that repeats what it did before it stopped touches no memory: its log has what it loaded. Otherwise every store is
 * noted so that it can be taken back; race detection, rules that watch words, and what is known of words are told from here,
 * each only if an engine has bound it. Without an engine these are the accesses of machine/memory.ts.
 */

import { CONTROL } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { bindLogs, isRepeating, keepTold, toldBefore } from './check-log.ts'
import { bindMarks, loaded, stored } from './check-marks.ts'
import { foreignBlock, isRacing, plainRead, plainWrite } from './check-races.ts'
import { bindUndo, noteChange } from './check-undo.ts'

/** More plain accesses than this between two synchronising operations are an endless loop. */
const FUEL = 5_000_000

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

type Watch = (address: number, old: number, value: number) => void
let watchFrom = Infinity
let watch: Watch = () => undefined

/** Begins to keep track of the bound machine's words, for so many CPUs. */
export function trackMemory(words: number, cpus: number): void {
  isTracked = true
  wordsEnd = words
  bindUndo()
  bindMarks(words)
  bindLogs(cpus)
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

/** A synchronising operation was performed: there is progress. */
export function refuel(): void {
  fuel = FUEL
}

/** Throws unless an object may lie at this address. */
export function checkAddress(address: number): void {
  if (!(address >= CONTROL && address < wordsEnd)) throw new WildAccessError(address)
}

export function load(address: number): number {
  return isTracked ? trackedLoad(address) : (mem[address] as number)
}

function trackedLoad(address: number): number {
  if (isRepeating) return toldBefore()
  if (--fuel < 0) throw new LostProgressError()
  if (foreignBlock(address)) {
    checkAddress(address)
    if (isRacing) plainRead(address)
    loaded(address)
  }
  return keepTold(mem[address] as number)
}

export function store(address: number, value: number): void {
  if (!isTracked) mem[address] = value
  else if (!isRepeating) trackedStore(address, value)
}

function trackedStore(address: number, value: number): void {
  if (--fuel < 0) throw new LostProgressError()
  checkAddress(address)
  if (isRacing && foreignBlock(address)) plainWrite(address)
  stored(address)
  const before = mem[address] as number
  if (address >= watchFrom) watch(address, before, value)
  mem[address] = value
  noteChange(address, before)
}
