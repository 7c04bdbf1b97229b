/**
 * Cache lines in virtual time: who has each line, and what it costs a CPU to get it.
 *
 * Lines are those of the kernel, not of this buffer: a struct page is one line of 64 bytes, a page table has 8 entries a
 * line, everything else is cut into lines of 16 words. A line is in no cache; or one CPU has it, clean or written; or
 * several have read it. Reading a line that its owner has written moves it whole (migratory sharing), reading one that
 * its owner has only read makes it shared, and reads of shared lines are hits: the cost of a CPU's first look at a line
 * that others read is left out. Caches have no capacity here.
 *
 * A transfer keeps the line busy until it is there, so that CPUs that fight over one line get it one after the other.
 * Nobody waits for a transfer that was asked for later in virtual time.
 *
 * Private lines are those that one CPU alone works on: their atomics need no order among CPUs. A plain store by another
 * CPU ends that: it has the page from the allocator, under the zone's lock. Virtual text (docs/wasm.md). Invariant: no atomic operation of one CPU
 * meets a line that is private to another (asserted).
 */

import { CPU_BASE, CPU_STRIDE, MEMMAP, PT_BASE } from '../machine/globals.ts'
import { LINE_WORDS, PAGE_WORDS } from '../machine/layout.ts'
import type { ArraySource } from './array-source.ts'
import {
  ACCOUNT_TRANSFER,
  charge,
  chargeTo,
  type Cycles,
  nowCycles,
  self,
} from './virtual-clock.ts'
import { ACCESS, ATOMIC, CLAIMS_NEW_PAGES, MEMORY } from './virtual-costs.ts'
import { failForeign } from './virtual-fail.ts'

/** Where each CPU lies: numbers of its core, cluster and socket. */
export interface Topology {
  readonly core: Int32Array
  readonly cluster: Int32Array
  readonly socket: Int32Array
}

const UNCACHED = 0
const SHARED = -1
const WRITTEN = 1
/** `privateTo` of a line that several CPUs work on. */
const PUBLIC = -1

/** Words before the page tables are in lines of 16, entries of page tables in lines of 8. */
const LINE_SHIFT = 4
const PTE_LINE_SHIFT = 3
const PTES_OF_LINE = 8

/** 1 SMT sibling, 2 same cluster, 3 same socket, 4 remote. */
const NR_DISTANCES = 5
const SAME_SOCKET = 3

/**
 * By word: who has its line. It stands beside each word, because it is asked at every access and seldom changes; all
 * else is one element a line.
 */
let states: Int16Array = new Int16Array(0)
/** Number + 1 of the CPU that the line is private to; 0: nobody was named. */
let privateTo: Int16Array = new Int16Array(0)
/** Until when the line is on its way from one CPU to another. */
let busyUntil: Float64Array = new Float64Array(0)
/** The clock at which the last transfer that keeps it busy was asked for. */
let requestedAt: Float64Array = new Float64Array(0)
/** By CPU. */
let coreOf: Int32Array = new Int32Array(0)
let clusterOf: Int32Array = new Int32Array(0)
let socketOf: Int32Array = new Int32Array(0)
/** By distance. */
let transferCosts: Int32Array = new Int32Array(0)
let transferCounts: Float64Array = new Float64Array(0)
/** First word of the running CPU's own block. */
let ownBlock = 0
/** State of a line that the running CPU has written. */
let mine = 0

/** The state of a line that a CPU has written; without the bit WRITTEN, of one that it has only read. */
function writtenBy(cpu: number): number {
  return ((cpu + 1) << 1) | WRITTEN
}

/**
 * Makes every line uncached and shared by nobody; the machine is bound already.
 * @param costs - cycles of a transfer by distance; index 0 is not used.
 * @returns lines fetched from other CPUs, by distance.
 */
export function bindVirtualLines(
  totalWords: number,
  costs: readonly number[],
  topology: Topology,
  arrays: ArraySource,
): Float64Array {
  const lines = lineOf(totalWords) + 1
  states = arrays.int16('states', totalWords)
  privateTo = arrays.int16('privateTo', lines)
  busyUntil = arrays.float64('busyUntil', lines)
  requestedAt = arrays.float64('requestedAt', lines)
  coreOf = filled(arrays.int32('coreOf', topology.core.length), topology.core)
  clusterOf = filled(arrays.int32('clusterOf', topology.cluster.length), topology.cluster)
  socketOf = filled(arrays.int32('socketOf', topology.socket.length), topology.socket)
  transferCosts = filled(arrays.int32('transferCosts', NR_DISTANCES), costs)
  transferCounts = arrays.float64('transferCounts', NR_DISTANCES)
  return transferCounts
}

function filled(array: Int32Array, values: ArrayLike<number>): Int32Array {
  if (array.length > 0) array.set(values)
  return array
}

/** The line that a word lies in. */
export function lineOf(address: number): number {
  if (address >= MEMMAP) return firstPageLine() + (((address - MEMMAP) / PAGE_WORDS) | 0)
  if (address >= PT_BASE) return firstPteLine() + ((address - PT_BASE) >> PTE_LINE_SHIFT)
  return address >> LINE_SHIFT
}

function firstPteLine(): number {
  return PT_BASE >> LINE_SHIFT
}

function firstPageLine(): number {
  return firstPteLine() + ((MEMMAP - PT_BASE) >> PTE_LINE_SHIFT)
}

/** Says who has the line of `address`, beside each of its words. */
function setState(address: number, state: number): void {
  let first = address & -LINE_WORDS
  let words = LINE_WORDS
  if (address >= MEMMAP) {
    first = address - ((address - MEMMAP) % PAGE_WORDS)
    words = PAGE_WORDS
  } else if (address >= PT_BASE) {
    first = address - ((address - PT_BASE) & (PTES_OF_LINE - 1))
    words = PTES_OF_LINE
  }
  for (let word = first; word < first + words; word++) states[word] = state
}

/** The line at `address` is worked on by this CPU alone; by any, if another one was named before. */
export function addUser(address: number, cpu: number): void {
  const line = lineOf(address)
  const known = privateTo[line] as number
  privateTo[line] = known === 0 || known === cpu + 1 ? cpu + 1 : PUBLIC
}

/** post_alloc_hook: nobody else knows of the pages yet. */
export function postAllocHook(page: number, order: number): void {
  const first = lineOf(page)
  const owner = CLAIMS_NEW_PAGES !== 0 ? self + 1 : PUBLIC
  for (let line = first; line < first + (1 << order); line++) privateTo[line] = owner
}

/** Is the order of this access among CPUs of no consequence? */
export function needsNoOrder(address: number): boolean {
  if (address - ownBlock >= 0 && address - ownBlock < CPU_STRIDE) return true
  return privateTo[lineOf(address)] === self + 1
}

/** The running CPU changes. */
export function enterLines(cpu: number): void {
  ownBlock = CPU_BASE + Math.imul(cpu, CPU_STRIDE)
  mine = writtenBy(cpu)
}

/** Charges plain accesses, with the instructions around them: so many quarters of one, rounded down. */
export function chargeAccesses(quarters: number): void {
  charge(Math.imul(quarters, ACCESS) >> 2)
}

/** Has the line of `address` here for a load. */
export function fetchToLoad(address: number): void {
  if (((states[address] as number) | WRITTEN) !== mine) readMiss(address)
}

/** Has the line of `address` here for a store. */
export function fetchToStore(address: number): void {
  if (states[address] !== mine) storeMiss(address)
}

function storeMiss(address: number): void {
  const line = lineOf(address)
  const owner = privateTo[line] as number
  if (owner > 0 && owner !== self + 1) privateTo[line] = PUBLIC
  writeMiss(address, line)
}

/** Charges an atomic read-modify-write; true if the line had to be fetched from another CPU. */
export function chargeAtomic(address: number): boolean {
  charge(ATOMIC + ACCESS)
  return states[address] === mine ? false : atomicMiss(address)
}

function atomicMiss(address: number): boolean {
  const line = lineOf(address)
  const owner = privateTo[line] as number
  if (owner > 0 && owner !== self + 1) failForeign(address, owner - 1, self)
  return writeMiss(address, line)
}

/** The order of an atomic or marked load: charged like a plain access. */
export function chargeMarkedLoad(address: number): void {
  charge(ACCESS)
  fetchToLoad(address)
}

function readMiss(address: number): void {
  const state = states[address] as number
  if (state === SHARED) return
  if (state === UNCACHED) {
    chargeTo(ACCOUNT_TRANSFER, MEMORY)
    setState(address, mine & ~WRITTEN)
    return
  }
  fetchFrom(lineOf(address), (state >> 1) - 1)
  setState(address, (state & WRITTEN) === 0 ? SHARED : mine & ~WRITTEN)
}

function writeMiss(address: number, line: number): boolean {
  const state = states[address] as number
  setState(address, mine)
  if ((state | WRITTEN) === mine) return false
  if (state === UNCACHED) {
    chargeTo(ACCOUNT_TRANSFER, MEMORY)
    return false
  }
  if (state === SHARED) fetchShared(line)
  else fetchFrom(line, (state >> 1) - 1)
  return true
}

/** The line comes from another CPU's cache, after the transfers that are under way. */
function fetchFrom(line: number, owner: number): void {
  const distance = distanceOf(owner, self)
  transferCounts[distance] = (transferCounts[distance] as number) + 1
  transfer(line, transferCosts[distance] as number)
}

/** Copies of the line in other caches are invalidated: as far as the socket, since nothing says who has one. */
function fetchShared(line: number): void {
  transferCounts[SAME_SOCKET] = (transferCounts[SAME_SOCKET] as number) + 1
  transfer(line, transferCosts[SAME_SOCKET] as number)
}

function transfer(line: number, cycles: number): void {
  const now = nowCycles()
  // a CPU that needs no order may have been here with a later clock: this one came first
  if ((requestedAt[line] as number) > now) {
    chargeTo(ACCOUNT_TRANSFER, cycles)
    return
  }
  const start: Cycles = Math.max(now, busyUntil[line] as number)
  requestedAt[line] = now
  busyUntil[line] = start + cycles
  chargeTo(ACCOUNT_TRANSFER, start + cycles - now)
}

/** 1 SMT siblings, 2 same cluster, 3 same socket, 4 different sockets. */
export function distanceOf(a: number, b: number): number {
  if (coreOf[a] === coreOf[b]) return 1
  if (clusterOf[a] === clusterOf[b]) return 2
  return socketOf[a] === socketOf[b] ? SAME_SOCKET : 4
}

/** Cycles that a line takes from one CPU to another. */
export function transferCycles(from: number, to: number): number {
  return from === to ? 0 : (transferCosts[distanceOf(from, to)] as number)
}

/** The CPU has the line now, written: a lock that was handed to it. */
export function giveLine(address: number, cpu: number): void {
  setState(address, writtenBy(cpu))
}
