/**
 * A machine of per-CPU blocks alone, for tests that write the words that a run would have counted.
 */
import { CPU_FIXED_WORDS } from '../../src/machine/layout.ts'
import type { Globals } from '../../src/machine/globals.ts'
import type { Machine } from '../../src/machine/machine.ts'

const CPU_BASE = 64

export function blankMachine(cpus: number): Machine {
  const bytes = (CPU_BASE + cpus * CPU_FIXED_WORDS) * 4
  const buffer = new SharedArrayBuffer(bytes)
  const globals = { NR_CPUS: cpus, CPU_BASE, CPU_STRIDE: CPU_FIXED_WORDS }
  return { memory: { buffer }, words: new Int32Array(buffer), globals: globals as Globals }
}
