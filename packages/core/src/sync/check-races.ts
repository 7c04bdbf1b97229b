/**
 * Happens-before race detection on the plain accesses of the raw form, with vector clocks.
 *
 * Ordering comes from locks, from atomics that return a value and are not relaxed, and from TLB flushes; not from void
 * or relaxed atomics, nor from `readOnce` (memory-barriers.txt, atomic_t.txt). A race is two unordered accesses of two CPUs to one
 * word, one of them a plain store, the other plain or an atomic. A marked read (`readOnce`, a page walk) may meet a
 * plain store, and a plain load may meet an atomic: words of a struct page are shared by the bit and read as they are.
 * The first race of an execution is kept.
 *
 * Words of a CPU's own block are not looked at, unless another CPU touches them, which is a race in itself.
 *
 * All clocks lie in one array, and each change of one is noted, so that the end of an execution can be taken back.
 * Invariant: 0 <= clock of CPU q at CPU p <= clock of CPU q at itself.
 */

/** Two unordered accesses. */
export interface Race {
  readonly address: number
  /** The CPU of the access that came second in this execution, and the other. */
  readonly cpu: number
  readonly other: number
  readonly access: 'load' | 'store' | 'atomic'
  readonly otherAccess: 'load' | 'store' | 'atomic'
}

export let isRacing = false
/** The execution has a race. */
export let hasRace = false
let cpus = 0
let self = 0
let blocks = 0
let stride = 1
let ownFrom = 0
/** By CPU and CPU; behind them by word and CPU those of releases, of plain loads and of atomics, and by word of plain stores. */
let clocks = new Int32Array(0)
let syncAt = 0
let readAt = 0
let atomicAt = 0
let writeAt = 0
/** By word: the CPU of the last plain store. */
let writerAt = 0
let race: Race | undefined
/** Changes of clocks: where, and what was there. */
let changedAt = new Int32Array(0)
let changedFrom = new Int32Array(0)
let nrChanged = 0

/** @param block - address of the first per-CPU block. @param words - from one block to the next. */
export function bindRaces(words: number, nrCpus: number, block: number, blockWords: number): void {
  isRacing = true
  cpus = nrCpus
  blocks = block
  stride = blockWords
  syncAt = nrCpus * nrCpus
  readAt = syncAt + words * nrCpus
  atomicAt = readAt + words * nrCpus
  writeAt = atomicAt + words * nrCpus
  writerAt = writeAt + words
  clocks = new Int32Array(writerAt + words)
  for (let p = 0; p < cpus; p++) clocks[p * cpus + p] = 1
  changedAt = new Int32Array(4096)
  changedFrom = new Int32Array(4096)
  nrChanged = 0
  forgetRace()
}

export function unbindRaces(): void {
  isRacing = false
}

/** The execution has no race yet. */
export function forgetRace(): void {
  race = undefined
  hasRace = false
}

function setClock(at: number, clock: number): void {
  const old = clocks[at] as number
  if (old === clock) return
  if (nrChanged === changedAt.length) grow()
  changedAt[nrChanged] = at
  changedFrom[nrChanged++] = old
  clocks[at] = clock
}

function grow(): void {
  const moreAt = new Int32Array(2 * nrChanged)
  moreAt.set(changedAt)
  changedAt = moreAt
  const moreFrom = new Int32Array(2 * nrChanged)
  moreFrom.set(changedFrom)
  changedFrom = moreFrom
}

/** Changes of clocks so far. */
export function clockChanges(): number {
  return nrChanged
}

/** Takes back all changes of clocks but the first `kept`. */
export function undoClocks(kept: number): void {
  while (nrChanged > kept) {
    nrChanged--
    clocks[changedAt[nrChanged] as number] = changedFrom[nrChanged] as number
  }
}

/** The CPU whose accesses follow. */
export function enterRaces(cpu: number): void {
  self = cpu
  ownFrom = blocks + cpu * stride
}

/** The first race of the execution. */
export function firstRace(): Race | undefined {
  return race
}

/** Is the word outside of this CPU's own block? */
export function foreignBlock(address: number): boolean {
  return address < ownFrom || address >= ownFrom + stride
}

function report(
  address: number,
  other: number,
  access: Race['access'],
  otherAccess: Race['access'],
): void {
  hasRace = true
  race ??= { address, cpu: self, other, access, otherAccess }
}

/** Another CPU's block: its owner's accesses are not kept. */
function checkBlock(address: number, access: Race['access']): void {
  const owner = Math.floor((address - blocks) / stride)
  if (owner >= 0 && owner < cpus) report(address, owner, access, 'store')
}

export function plainRead(address: number): void {
  if (address < blocks + cpus * stride && address >= blocks) checkBlock(address, 'load')
  const row = self * cpus
  checkWriter(address, row, 'load')
  setClock(readAt + address * cpus + self, clocks[row + self] as number)
}

/** Was the last plain store to the word before what this CPU does? */
function checkWriter(address: number, row: number, access: Race['access']): void {
  const writer = clocks[writerAt + address] as number
  if ((clocks[writeAt + address] as number) > (clocks[row + writer] as number))
    report(address, writer, access, 'store')
}

export function plainWrite(address: number): void {
  if (address < blocks + cpus * stride && address >= blocks) checkBlock(address, 'store')
  const row = self * cpus
  const at = address * cpus
  checkWriter(address, row, 'store')
  for (let q = 0; q < cpus; q++) {
    const clock = clocks[row + q] as number
    if ((clocks[readAt + at + q] as number) > clock) report(address, q, 'store', 'load')
    else if ((clocks[atomicAt + at + q] as number) > clock) report(address, q, 'store', 'atomic')
  }
  setClock(writeAt + address, clocks[row + self] as number)
  setClock(writerAt + address, self)
}

/** An atomic read-modify-write; `orders`: it is a full barrier. */
export function atomicAccess(address: number, orders: boolean): void {
  const row = self * cpus
  // ordered first: a lock word or a counter may itself be what orders it
  if (orders) acquire(address)
  checkWriter(address, row, 'atomic')
  setClock(atomicAt + address * cpus + self, clocks[row + self] as number)
  if (orders) release(address)
}

/** What was released at this word before is ordered before what this CPU does from here on. */
export function acquire(address: number): void {
  const row = self * cpus
  const at = syncAt + address * cpus
  for (let q = 0; q < cpus; q++) {
    const clock = clocks[at + q] as number
    if (clock > (clocks[row + q] as number)) setClock(row + q, clock)
  }
}

/** What this CPU did is ordered before what others do after they acquire at this word. */
export function release(address: number): void {
  const row = self * cpus
  const at = syncAt + address * cpus
  for (let q = 0; q < cpus; q++) {
    const clock = clocks[row + q] as number
    if (clock > (clocks[at + q] as number)) setClock(at + q, clock)
  }
  setClock(row + self, (clocks[row + self] as number) + 1)
}

/** This CPU and another have waited for each other (an IPI): all that either did is ordered before what follows. */
export function meet(other: number): void {
  const mine = self * cpus
  const theirs = other * cpus
  for (let q = 0; q < cpus; q++) {
    const clock = Math.max(clocks[mine + q] as number, clocks[theirs + q] as number)
    setClock(mine + q, clock)
    setClock(theirs + q, clock)
  }
  setClock(mine + self, (clocks[mine + self] as number) + 1)
  setClock(theirs + other, (clocks[theirs + other] as number) + 1)
}
