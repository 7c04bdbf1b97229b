/**
 * Happens-before race detection on the plain accesses of the raw form, with vector clocks.
 *
 * Ordering comes from locks, from atomics that return a value and are not relaxed, and from TLB flushes; not from void
 * or relaxed atomics, nor from `readOnce` (memory-barriers.txt, atomic_t.txt). A race is two unordered accesses of two CPUs to one
 * word, one of them a plain store, the other plain or an atomic. A marked read (`readOnce`, a page walk) may meet a
 * plain store, and a plain load may meet an atomic: words of a struct page are shared by the bit and read as they are.
 * The first race of an execution is kept.
 *
 * Words of a CPU's own block are not looked at, unless another CPU touches them, which is a race in itself. What a CPU does
 * again before it releases anything tells nothing new (an epoch of FastTrack, Flanagan and Freund 2009).
 *
 * All clocks are shadow words, those of a word side by side. Check text (docs/wasm.md). Invariant: 0 <= clock of CPU q at CPU p <= clock of CPU q at itself.
 */

import { CPU_BASE, CPU_STRIDE, NR_CPUS } from '../machine/globals.ts'
import {
  ACCESS_ATOMIC,
  ACCESS_LOAD,
  ACCESS_STORE,
  forgetFirstRace,
  reportRace,
} from './check-race-report.ts'
import { setShadow, shadow } from './check-shadow.ts'
import { checkState, HAS_RACE, IS_RACING, SELF, SHADOW_CHANGES } from './check-state.ts'

/**
 * Shadow words of race detection: by CPU and CPU; behind them by word the clocks of releases, of plain loads and of atomics by
 * CPU, that of the last plain store, and the CPU that made it.
 */
export function clockWords(words: number, cpus: number): number {
  return cpus * cpus + words * (3 * cpus + 2)
}

/** From here on races are looked for; nothing has happened yet. */
export function startRaces(): void {
  shadow.fill(0)
  for (let p = 0; p < NR_CPUS; p++) shadow[p * NR_CPUS + p] = 1
  checkState[SHADOW_CHANGES] = 0
  checkState[IS_RACING] = 1
  forgetRace()
}

/** Nobody looks for races. */
export function stopRaces(): void {
  checkState[IS_RACING] = 0
}

/** The execution has no race yet. */
export function forgetRace(): void {
  checkState[HAS_RACE] = 0
  forgetFirstRace()
}

/** Where the clocks of a word begin: those of releases. */
function clocksOf(address: number): number {
  return Math.imul(NR_CPUS, NR_CPUS) + Math.imul(address, 3 * NR_CPUS + 2)
}

/** Within them those of plain loads, of atomics, and of the last plain store. */
function loadsOf(at: number): number {
  return at + NR_CPUS
}

function atomicsOf(at: number): number {
  return at + 2 * NR_CPUS
}

function storeOf(at: number): number {
  return at + 3 * NR_CPUS
}

function rowOf(cpu: number): number {
  return Math.imul(cpu, NR_CPUS)
}

function report(address: number, other: number, access: number, otherAccess: number): void {
  checkState[HAS_RACE] = 1
  reportRace(address, other, access, otherAccess)
}

/** Another CPU's block: its owner's accesses are not kept. */
function checkBlock(address: number, access: number): void {
  if (address < CPU_BASE || address >= CPU_BASE + Math.imul(NR_CPUS, CPU_STRIDE)) return
  report(address, ((address - CPU_BASE) / CPU_STRIDE) | 0, access, ACCESS_STORE)
}

/** Was the last plain store to the word before what this CPU does? */
function checkWriter(address: number, at: number, row: number, access: number): void {
  const writer = shadow[storeOf(at) + 1] as number
  if ((shadow[storeOf(at)] as number) > (shadow[row + writer] as number))
    report(address, writer, access, ACCESS_STORE)
}

/** A plain load of a word outside of the CPU's own block. */
export function plainRead(address: number): void {
  const self = checkState[SELF] as number
  const row = rowOf(self)
  const at = clocksOf(address)
  const now = shadow[row + self] as number
  if (shadow[loadsOf(at) + self] === now) return
  checkBlock(address, ACCESS_LOAD)
  checkWriter(address, at, row, ACCESS_LOAD)
  setShadow(loadsOf(at) + self, now)
}

/** A plain store to a word outside of the CPU's own block. */
export function plainWrite(address: number): void {
  const self = checkState[SELF] as number
  const row = rowOf(self)
  const at = clocksOf(address)
  const now = shadow[row + self] as number
  if (shadow[storeOf(at)] === now && shadow[storeOf(at) + 1] === self) return
  checkBlock(address, ACCESS_STORE)
  checkWriter(address, at, row, ACCESS_STORE)
  for (let q = 0; q < NR_CPUS; q++) {
    const clock = shadow[row + q] as number
    if ((shadow[loadsOf(at) + q] as number) > clock) report(address, q, ACCESS_STORE, ACCESS_LOAD)
    else if ((shadow[atomicsOf(at) + q] as number) > clock)
      report(address, q, ACCESS_STORE, ACCESS_ATOMIC)
  }
  setShadow(storeOf(at), now)
  setShadow(storeOf(at) + 1, self)
}

/** An atomic read-modify-write; `orders`: it is a full barrier. */
export function atomicAccess(address: number, orders: boolean): void {
  const self = checkState[SELF] as number
  const row = rowOf(self)
  const at = clocksOf(address)
  // ordered first: a lock word or a counter may itself be what orders it
  if (orders) acquire(address)
  checkWriter(address, at, row, ACCESS_ATOMIC)
  setShadow(atomicsOf(at) + self, shadow[row + self] as number)
  if (orders) release(address)
}

/** What was released at this word before is ordered before what this CPU does from here on. */
export function acquire(address: number): void {
  const row = rowOf(checkState[SELF] as number)
  const at = clocksOf(address)
  for (let q = 0; q < NR_CPUS; q++) {
    const clock = shadow[at + q] as number
    if (clock > (shadow[row + q] as number)) setShadow(row + q, clock)
  }
}

/** What this CPU did is ordered before what others do after they acquire at this word. */
export function release(address: number): void {
  const self = checkState[SELF] as number
  const row = rowOf(self)
  const at = clocksOf(address)
  for (let q = 0; q < NR_CPUS; q++) {
    const clock = shadow[row + q] as number
    if (clock > (shadow[at + q] as number)) setShadow(at + q, clock)
  }
  setShadow(row + self, (shadow[row + self] as number) + 1)
}

/** This CPU and another have waited for each other (an IPI): all that either did is ordered before what follows. */
export function meet(other: number): void {
  const self = checkState[SELF] as number
  const mine = rowOf(self)
  const theirs = rowOf(other)
  for (let q = 0; q < NR_CPUS; q++) {
    const clock = Math.max(shadow[mine + q] as number, shadow[theirs + q] as number)
    setShadow(mine + q, clock)
    setShadow(theirs + q, clock)
  }
  setShadow(mine + self, (shadow[mine + self] as number) + 1)
  setShadow(theirs + other, (shadow[theirs + other] as number) + 1)
}
