/**
 * The words of the machine that this thread works on: the plain accesses of the kernel text.
 *
 * `load` and `store` are what a load and a store of a lock-protected or private word are in C: they never stop a CPU.
 * Intended lockless accesses and everything atomic are in `sync/`. A thread works on one machine at a time: whoever
 * runs kernel text binds its machine first.
 *
 * Invariant: addresses are word indices inside the buffer; 0 is NULL and is never stored to.
 */

/** The bound machine's words. */
export let mem: Int32Array = new Int32Array(0)

/** Binds the words of a machine to this thread. */
export function bindMemory(words: Int32Array): void {
  mem = words
}

/** A plain load. */
export function load(address: number): number {
  return mem[address] as number
}

/** A plain store. */
export function store(address: number, value: number): void {
  mem[address] = value
}
