/**
 * The plain accesses of kernel text in virtual time. They never stop a CPU; what they take beyond the stretch of text that
 * they stand in, which is charged as a whole, is the fetching of a line that the CPU does not have.
 */

import { mem } from '../machine/memory.ts'
import { fetchToLoad, fetchToStore } from './virtual-lines.ts'

/** A plain load. */
export function load(address: number): number {
  fetchToLoad(address)
  return mem[address] as number
}

/** A plain store. */
export function store(address: number, value: number): void {
  fetchToStore(address)
  mem[address] = value
}

/** A plain load from the running CPU's own block: nobody else has the line. */
export function loadOwn(address: number): number {
  return mem[address] as number
}

/** A plain store to the running CPU's own block. */
export function storeOwn(address: number, value: number): void {
  mem[address] = value
}
