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
 * CPU ends that: it has the page from the allocator, under the zone's lock. Invariant: no atomic operation of one CPU
 * meets a line that is private to another (asserted).
 */

import { assert } from '../lib/assert.ts'
import { CPU_BASE, CPU_STRIDE, MEMMAP, PT_BASE } from '../machine/globals.ts'
import { LINE_WORDS, PAGE_WORDS } from '../machine/layout.ts'
import { bindLineArrays, busyUntil, privateTo, requestedAt, states } from './virtual-line-arrays.ts'
import { ACCOUNT_TRANSFER, charge, chargeTo, nowCycles, self } from './virtual-clock.ts'

/** Cycles of the accesses that the profile tells apart; see engines/virtual/cost.ts. */
export interface LineCosts {
  readonly access: number
  readonly atomic: number
  readonly memory: number
  /** By distance: 1 SMT sibling, 2 same cluster, 3 same socket, 4 remote. Index 0 is not used. */
  readonly transfer: readonly number[]
}

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

let costs: LineCosts = { access: 0, atomic: 0, memory: 0, transfer: [] }
let topology: Topology = {
  core: new Int32Array(0),
  cluster: new Int32Array(0),
  socket: new Int32Array(0),
}
let claimsNewPages = false
let transferCounts: Float64Array = new Float64Array(0)
let access = 0
/** First word of the running CPU's own block. */
let ownBlock = 0
/** State of a line that the running CPU has written. */
let mine = 0

/** The state of a line that a CPU has written; without the bit WRITTEN, of one that it has only read. */
function writtenBy(cpu: number): number {
  return ((cpu + 1) << 1) | WRITTEN
}

/** Makes every line uncached and shared by nobody; the machine is bound already. */
export function bindVirtualLines(
  totalWords: number,
  lineCosts: LineCosts,
  cpuTopology: Topology,
): void {
  costs = lineCosts
  access = lineCosts.access
  topology = cpuTopology
  bindLineArrays(totalWords, lineOf(totalWords) + 1)
  transferCounts = new Float64Array(5)
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

/** From now on a page that a CPU allocates is its own, unless background actors work on anybody's pages. */
export function claimNewPages(claims: boolean): void {
  claimsNewPages = claims
}

/** post_alloc_hook: nobody else knows of the pages yet. */
export function postAllocHook(page: number, order: number): void {
  const first = lineOf(page)
  privateTo.fill(claimsNewPages ? self + 1 : PUBLIC, first, first + (1 << order))
}

/** Is the order of this access among CPUs of no consequence? */
export function needsNoOrder(address: number): boolean {
  if (address - ownBlock >= 0 && address - ownBlock < CPU_STRIDE) return true
  return privateTo[lineOf(address)] === self + 1
}

/** The running CPU changes. */
export function enterLines(cpu: number): void {
  ownBlock = CPU_BASE + cpu * CPU_STRIDE
  mine = writtenBy(cpu)
}

/** Charges so many plain accesses, with the instructions around them. */
export function chargeAccesses(accesses: number): void {
  charge(Math.imul(accesses, access))
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
  charge(costs.atomic + access)
  return states[address] === mine ? false : atomicMiss(address)
}

function atomicMiss(address: number): boolean {
  const line = lineOf(address)
  const owner = privateTo[line] as number
  if (owner > 0 && owner !== self + 1) failForeign(address, owner - 1)
  return writeMiss(address, line)
}

function failForeign(address: number, owner: number): void {
  assert(false, 'an atomic operation on a line private to another CPU', {
    address,
    privateTo: owner,
    cpu: self,
  })
}

/** The order of an atomic or marked load: charged like a plain access. */
export function chargeMarkedLoad(address: number): void {
  charge(access)
  fetchToLoad(address)
}

function readMiss(address: number): void {
  const state = states[address] as number
  if (state === SHARED) return
  if (state === UNCACHED) {
    chargeTo(ACCOUNT_TRANSFER, costs.memory)
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
    chargeTo(ACCOUNT_TRANSFER, costs.memory)
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
  transfer(line, costs.transfer[distance] as number)
}

/** Copies of the line in other caches are invalidated: as far as the socket, since nothing says who has one. */
function fetchShared(line: number): void {
  transferCounts[3] = (transferCounts[3] as number) + 1
  transfer(line, costs.transfer[3] as number)
}

function transfer(line: number, cycles: number): void {
  const now = nowCycles()
  // a CPU that needs no order may have been here with a later clock: this one came first
  if ((requestedAt[line] as number) > now) {
    chargeTo(ACCOUNT_TRANSFER, cycles)
    return
  }
  const start = Math.max(now, busyUntil[line] as number)
  requestedAt[line] = now
  busyUntil[line] = start + cycles
  chargeTo(ACCOUNT_TRANSFER, start + cycles - now)
}

/** 1 SMT siblings, 2 same cluster, 3 same socket, 4 different sockets. */
export function distanceOf(a: number, b: number): number {
  if (topology.core[a] === topology.core[b]) return 1
  if (topology.cluster[a] === topology.cluster[b]) return 2
  return topology.socket[a] === topology.socket[b] ? 3 : 4
}

/** Cycles that a line takes from one CPU to another. */
export function transferCycles(from: number, to: number): number {
  return from === to ? 0 : (costs.transfer[distanceOf(from, to)] as number)
}

/** The CPU has the line now, written: a lock that was handed to it. */
export function giveLine(address: number, cpu: number): void {
  setState(address, writtenBy(cpu))
}

/** Lines fetched from other CPUs, by distance. */
export function transfersByDistance(): Float64Array {
  return transferCounts
}
