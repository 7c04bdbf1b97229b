/**
 * The loop of events with the kernel text under it as a WebAssembly module: what runs in place of the JavaScript.
 *
 * The module imports the machine's memory, a second one with the arrays of virtual time and the CPUs' stacks, where each of
 * them lies in it, what a run fixes, and the functions that end a run. Invariant: the machine and all of virtual time are bound in this
 * thread, too, with their arrays in that memory, so that JavaScript reads what the module leaves.
 */

import { STACK_SECTION } from '../../lib/wasm-positions.ts'
import type { Machine } from '../../machine/machine.ts'
import type { ArraySource } from '../../sync/array-source.ts'
import { virtualCostValues } from '../../sync/virtual-costs.ts'
import { failBug, failForeign, failLocks, failRelease } from '../../sync/virtual-fail.ts'
import { type ArrayMemory, KeptMemory } from '../array-memory.ts'
import { fixedValues, type KernelModule } from '../compiled-kernel.ts'

/** What the loop of events is told and asked: the functions of sync/virtual-loop.ts, or those compiled from them. */
export interface EventLoop {
  startCpus(cpus: number): number
  nextTurn(): number
  runEvents(events: number): number
}

/** The module that compileVirtualKernel made for a strategy. */
export interface VirtualKernel {
  /** The strategy's id. */
  readonly strategy: string
  readonly module: KernelModule
}

interface WebAssemblyApi {
  Module: { customSections(module: KernelModule, name: string): ArrayBuffer[] }
  Instance: new (module: KernelModule, imports: object) => { exports: EventLoop }
}

const KEPT = new KeptMemory()

function api(): WebAssemblyApi {
  return (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
}

/** The stacks of so many CPUs, which the module finds under this name. */
export function bindStacks(module: KernelModule, cpus: number, arrays: ArraySource): void {
  const [section = new ArrayBuffer(0)] = api().Module.customSections(module, STACK_SECTION)
  const stackBytes = Number(String.fromCharCode(...new Uint8Array(section)))
  arrays.int32('stacks', (cpus * stackBytes) / Int32Array.BYTES_PER_ELEMENT)
}

/** A memory whose first `bytes` are zeroed; undefined: too many. Throws RangeError if the system refuses it. */
export function allocateArrayMemory(bytes: number): ArrayMemory | undefined {
  return KEPT.allocate(bytes)
}

/**
 * Binds a module to the machine and to virtual time as they are bound in this thread.
 * @param offsets - byte offsets of the arrays in `arrays`, by name.
 */
export function instantiateLoop(
  module: KernelModule,
  machine: Machine,
  arrays: ArrayMemory,
  offsets: Readonly<Record<string, number>>,
): EventLoop {
  const { exports } = new (api().Instance)(module, {
    env: { memory: machine.memory, arrays },
    globals: { ...fixedValues(machine), ...virtualCostValues() },
    arrays: offsets,
    host: { failBug, failForeign, failLocks, failRelease },
  })
  return exports
}
