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
 * Clocks go on from execution to execution, so that nothing has to be cleared: what earlier ones left is ordered before
 * everything. Invariant: 0 <= clocks[p][q] <= clocks[q][q].
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

const CLOCK_MAX = 0x3fffffff

export let isRacing = false
/** The execution has a race. */
export let hasRace = false
let cpus = 0
let self = 0
let blocks = 0
let stride = 1
let ownFrom = 0
let clocks = new Int32Array(0)
let syncClocks = new Int32Array(0)
let readClocks = new Int32Array(0)
let atomicClocks = new Int32Array(0)
let writeClocks = new Int32Array(0)
let writeCpus = new Uint8Array(0)
let race: Race | undefined

/** @param block - address of the first per-CPU block. @param words - from one block to the next. */
export function bindRaces(words: number, nrCpus: number, block: number, blockWords: number): void {
  isRacing = true
  cpus = nrCpus
  blocks = block
  stride = blockWords
  clocks = new Int32Array(nrCpus * nrCpus)
  syncClocks = new Int32Array(words * nrCpus)
  readClocks = new Int32Array(words * nrCpus)
  atomicClocks = new Int32Array(words * nrCpus)
  writeClocks = new Int32Array(words)
  writeCpus = new Uint8Array(words)
  race = undefined
}

export function unbindRaces(): void {
  isRacing = false
}

/** Another execution: whatever was done before is ordered before all of it. */
export function beginRaces(): void {
  race = undefined
  hasRace = false
  if (!isRacing) return
  let most = 0
  for (let p = 0; p < cpus; p++) most = Math.max(most, clocks[p * cpus + p] as number)
  if (most > CLOCK_MAX) {
    for (const each of [syncClocks, readClocks, atomicClocks, writeClocks]) each.fill(0)
    most = 0
  }
  clocks.fill(most)
  for (let p = 0; p < cpus; p++) clocks[p * cpus + p] = most + 1
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
  const writer = writeCpus[address] as number
  if ((writeClocks[address] as number) > (clocks[row + writer] as number))
    report(address, writer, 'load', 'store')
  readClocks[address * cpus + self] = clocks[row + self] as number
}

export function plainWrite(address: number): void {
  if (address < blocks + cpus * stride && address >= blocks) checkBlock(address, 'store')
  const row = self * cpus
  const at = address * cpus
  const writer = writeCpus[address] as number
  if ((writeClocks[address] as number) > (clocks[row + writer] as number))
    report(address, writer, 'store', 'store')
  for (let q = 0; q < cpus; q++) {
    const clock = clocks[row + q] as number
    if ((readClocks[at + q] as number) > clock) report(address, q, 'store', 'load')
    else if ((atomicClocks[at + q] as number) > clock) report(address, q, 'store', 'atomic')
  }
  writeClocks[address] = clocks[row + self] as number
  writeCpus[address] = self
}

/** An atomic read-modify-write; `orders`: it is a full barrier. */
export function atomicAccess(address: number, orders: boolean): void {
  const row = self * cpus
  // ordered first: a lock word or a counter may itself be what orders it
  if (orders) acquire(address)
  const writer = writeCpus[address] as number
  if ((writeClocks[address] as number) > (clocks[row + writer] as number))
    report(address, writer, 'atomic', 'store')
  atomicClocks[address * cpus + self] = clocks[row + self] as number
  if (orders) release(address)
}

/** What others released at this word is ordered before what follows here. */
export function acquire(address: number): void {
  const row = self * cpus
  const at = address * cpus
  for (let q = 0; q < cpus; q++) {
    const clock = syncClocks[at + q] as number
    if (clock > (clocks[row + q] as number)) clocks[row + q] = clock
  }
}

/** What this CPU did is ordered before what others do after they acquire at this word. */
export function release(address: number): void {
  const row = self * cpus
  const at = address * cpus
  for (let q = 0; q < cpus; q++) {
    const clock = clocks[row + q] as number
    if (clock > (syncClocks[at + q] as number)) syncClocks[at + q] = clock
  }
  clocks[row + self] = (clocks[row + self] as number) + 1
}

/** This CPU and another have waited for each other (an IPI): all that either did is ordered before what follows. */
export function meet(other: number): void {
  const mine = self * cpus
  const theirs = other * cpus
  for (let q = 0; q < cpus; q++) {
    const clock = Math.max(clocks[mine + q] as number, clocks[theirs + q] as number)
    clocks[mine + q] = clock
    clocks[theirs + q] = clock
  }
  clocks[mine + self] = (clocks[mine + self] as number) + 1
  clocks[theirs + other] = (clocks[theirs + other] as number) + 1
}
