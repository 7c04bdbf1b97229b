/**
 * The plain accesses of kernel text in virtual time: charged by who has the line, never a point where a CPU stops.
 */

import { mem } from '../machine/memory.ts'
import { chargeLoad, chargeStore } from './virtual-lines.ts'

/** A plain load. */
export function load(address: number): number {
  chargeLoad(address)
  return mem[address] as number
}

/** A plain store. */
export function store(address: number, value: number): void {
  chargeStore(address)
  mem[address] = value
}
