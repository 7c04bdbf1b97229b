/**
 * A machine: one shared buffer, its words, and the values fixed for its run.
 *
 * `attachMachine` gives another thread (or a second look) the same machine from the same memory; a magic number and a
 * hash of the layout refuse a buffer that another version made.
 */

import { assert } from '../lib/assert.ts'
import { allocateSharedMemory, type SharedMemory } from '../lib/shared-memory.ts'
import { bindGlobals, GLOBAL_NAMES, type Globals, writeGlobals } from './globals.ts'
import * as layout from './layout.ts'
import * as programs from './layout-programs.ts'
import type { Limits } from './limits.ts'
import { bindMemory } from './memory.ts'

export interface Machine {
  /** Post this to a worker to attach there. */
  readonly memory: SharedMemory
  /** The buffer as 32-bit words. */
  readonly words: Int32Array
  readonly globals: Readonly<Globals>
}

/**
 * Allocates the buffer of the given limits, zeroed, and writes the run-fixed values. Nothing is populated yet.
 * @param given - memory to use instead, large enough, on which no other machine is any more; the words that populate
 * does not build anew are zeroed.
 */
export function allocateMachine(limits: Limits, given?: SharedMemory): Machine {
  const memory = given ?? allocateSharedMemory(limits.totalWords * 4)
  const { totalWords } = limits
  assert(totalWords * 4 <= memory.buffer.byteLength, 'the memory is too small', { totalWords })
  const words = new Int32Array(memory.buffer, 0, totalWords)
  if (given !== undefined) words.fill(0, 0, limits.globals.CPU_BASE)
  words[layout.CONTROL + layout.CTL_MAGIC] = layout.MACHINE_MAGIC
  words[layout.CONTROL + layout.CTL_LAYOUT_HASH] = layoutHash()
  words[layout.CONTROL + layout.CTL_WORDS_TOTAL] = limits.totalWords
  writeGlobals(words, limits.globals)
  return { memory, words, globals: limits.globals }
}

/** The machine in a memory that `createMachine` made, in this thread or another. Throws AssertionError if it is none. */
export function attachMachine(memory: SharedMemory): Machine {
  const all = new Int32Array(memory.buffer)
  const control = (word: number): number => all[layout.CONTROL + word] as number
  assert(
    control(layout.CTL_MAGIC) === layout.MACHINE_MAGIC,
    'attachMachine: the buffer holds no machine',
  )
  assert(
    control(layout.CTL_LAYOUT_HASH) === layoutHash(),
    'attachMachine: the machine was made by another version of mmgather',
  )
  const words = all.subarray(0, control(layout.CTL_WORDS_TOTAL))
  const values = GLOBAL_NAMES.map((name, i) => [name, control(layout.CTL_GLOBALS + i)] as const)
  return { memory, words, globals: Object.fromEntries(values) as Globals }
}

/** Makes a machine the one that this thread's kernel text, accessors and primitives work on. */
export function bindMachine(machine: Machine): void {
  bindMemory(machine.words)
  bindGlobals(machine.words)
}

let hashOfLayout: number | undefined

/** Of the layout, which does not change while a program runs. */
function layoutHash(): number {
  hashOfLayout ??= computeLayoutHash()
  return hashOfLayout
}

/** FNV-1a over the names and values of the layout and the names of the run-fixed values. */
function computeLayoutHash(): number {
  let hash = 0x811c9dc5 | 0
  const text = [...Object.entries(layout), ...Object.entries(programs)]
    .map(([name, value]) => `${name}=${String(value)}`)
    // a namespace's order is not the same everywhere
    .toSorted()
    .concat(GLOBAL_NAMES)
    .join(';')
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
