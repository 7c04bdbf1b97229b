/**
 * The loop of events with the kernel text under it as a WebAssembly module: what runs in place of the JavaScript.
 *
 * The module imports the machine's memory, a second one with the arrays of virtual time and the CPUs' stacks, where each of
 * them lies in it, what a run fixes, and the functions that end a run. Invariant: the machine and all of virtual time are bound in this
 * thread, too, with their arrays in that memory, so that JavaScript reads what the module leaves.
 */

import { RESET_FUNCTION, STACK_SECTION } from '../../lib/wasm-positions.ts'
import type { Machine } from '../../machine/machine.ts'
import type { ArraySource } from '../../sync/array-source.ts'
import { virtualCostValues } from '../../sync/virtual-costs.ts'
import { failBug, failForeign, failLocks, failRelease } from '../../sync/virtual-fail.ts'
import { type ArrayMemory, KeptMemory } from '../array-memory.ts'
import { fixedValues, fixedWords, type KernelModule } from '../compiled-kernel.ts'

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
  Instance: new (module: KernelModule, imports: object) => { exports: LoopExports }
}

interface LoopExports extends EventLoop {
  [RESET_FUNCTION](): void
}

/** A module that is bound, and to what. */
interface Bound {
  readonly module: KernelModule
  readonly arrays: ArrayMemory
  /** The numbers that it imports: those that a run fixes, costs, places of arrays; each in order. */
  readonly numbers: readonly ArrayLike<number>[]
  readonly exports: LoopExports
}

const KEPT = new KeptMemory()
/** Shapes of machines that a sweep goes through in turn, say. */
const BOUND_MAX = 16
/** By the memory of a machine: those that ran last, the last one first, with the same arrays. */
const boundIn = new WeakMap<object, readonly Bound[]>()
const stackBytesOf = new WeakMap<KernelModule, number>()

function api(): WebAssemblyApi {
  return (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
}

/** The stacks of so many CPUs, which the module finds under this name. */
export function bindStacks(module: KernelModule, cpus: number, arrays: ArraySource): void {
  const bytes = stackBytesOf.get(module) ?? readStackBytes(module)
  stackBytesOf.set(module, bytes)
  arrays.int32('stacks', (cpus * bytes) / Int32Array.BYTES_PER_ELEMENT)
}

function readStackBytes(module: KernelModule): number {
  const [section = new ArrayBuffer(0)] = api().Module.customSections(module, STACK_SECTION)
  return Number(String.fromCharCode(...new Uint8Array(section)))
}

/** A memory whose first `bytes` are zeroed; undefined: too many. Throws RangeError if the system refuses it. */
export function allocateArrayMemory(bytes: number): ArrayMemory | undefined {
  return KEPT.allocate(bytes)
}

/**
 * Binds a module to the machine and to virtual time as they are bound in this thread. One that was bound to the same before is
 * taken again: to make an instance takes V8 longer than a small run.
 * @param offsets - byte offsets of the arrays in `arrays`, by name.
 */
export function instantiateLoop(
  module: KernelModule,
  machine: Machine,
  arrays: ArrayMemory,
  offsets: Readonly<Record<string, number>>,
): EventLoop {
  const { memory } = machine
  const costs = virtualCostValues()
  const numbers = [fixedWords(machine).slice(), Object.values(costs), Object.values(offsets)]
  const others = (boundIn.get(memory) ?? []).filter((each) => each.arrays === arrays)
  const known = others.find((each) => each.module === module && areSame(each.numbers, numbers))
  // what a run has left that did not come to its end, too
  known?.exports[RESET_FUNCTION]()
  const exports =
    known?.exports ??
    new (api().Instance)(module, {
      env: { memory, arrays },
      globals: { ...fixedValues(machine), ...costs },
      arrays: offsets,
      host: { failBug, failForeign, failLocks, failRelease },
    }).exports
  const last = known ?? { module, arrays, numbers, exports }
  boundIn.set(memory, [last, ...others.filter((each) => each !== known)].slice(0, BOUND_MAX))
  return exports
}

function areSame(a: Bound['numbers'], b: Bound['numbers']): boolean {
  return a.every((part, i) => areEqual(part, b[i] ?? []))
}

function areEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
