/**
 * The measuring loops, compiled: each does one thing over and over, so that dividing its time gives the cost of one.
 *
 * Compiled, because a call from JavaScript costs as much as what is measured. Operations stand in a row within each
 * round of a loop, so that the counting costs little. Invariant: a loop touches no memory but what its comment says.
 */

import type { SharedMemory } from '@mmgather/core'

import {
  ADD,
  AGAIN_IF,
  assemble,
  ATOMIC_ADD,
  atomicLoad,
  atomicStore,
  COMPARE_EXCHANGE,
  constant,
  DROP,
  EXCHANGE,
  get,
  load,
  loop,
  LT_U,
  MEMORY_COPY,
  MEMORY_FILL,
  NE,
  set,
  store,
  tee,
  times,
  unrolled,
  type WasmFunction,
  XOR,
} from './wasm-code.ts'

/** Operations in each round of `clock`, `chase` and `exchanges`. */
export const CLOCK_OPS = 128
export const CHASE_OPS = 16
export const EXCHANGE_OPS = 8
/** Bytes between lines that are never fetched together: two cache lines of 64, or one of 128. */
export const LINE_PAIR = 128
export const LINE = 64
export const PAGE = 4096

/** Arguments are byte addresses, and rounds of the loop. */
export interface Loops {
  /** CLOCK_OPS dependent operations of one cycle each in a round. */
  clock(seed: number, rounds: number): number
  /** Follows a chain of addresses, CHASE_OPS dependent loads in a round. */
  chase(start: number, rounds: number): number
  /** EXCHANGE_OPS locked exchanges of one word in a round. */
  exchanges(address: number, rounds: number): void
  /** A compare-exchange that takes a lock word. */
  lock(address: number, rounds: number): void
  /** The same, and a releasing store behind it. */
  lockUnlock(address: number, rounds: number): void
  /** Reads a word of every line. */
  stream(from: number, to: number): number
  /** Zeroes page after page. */
  clearPages(from: number, to: number): void
  /** Copies page after page, `distance` bytes up. */
  copyPages(from: number, to: number, distance: number): void
  /** Two threads count a word up in turns; thread 0 makes it odd, thread 1 even. */
  pingPong(address: number, me: number, rounds: number): void
  /** Takes and releases a ticket lock: tickets at `address`, who is served LINE_PAIR bytes on. */
  ticketLock(address: number, rounds: number): void
}

interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: Loops }
}

/** Compiles the loops over a memory. On x86 a releasing store is a plain one; elsewhere it is the atomic store. */
export function compileLoops(memory: SharedMemory, arch: string = process.arch): Loops {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
  const plain = arch === 'x64' || arch === 'ia32'
  const module = new WebAssembly.Module(assemble(functions(plain ? store : atomicStore)))
  return new WebAssembly.Instance(module, { env: { memory } }).exports
}

function functions(release: (offset?: number) => number[]): WasmFunction[] {
  return [
    counted('clock', true, times(1, unrolled(CLOCK_OPS / 4, oneCycleOps())), get(0)),
    counted(
      'chase',
      true,
      times(1, unrolled(CHASE_OPS, [...get(0), ...load(), ...set(0)])),
      get(0),
    ),
    counted(
      'exchanges',
      false,
      times(1, unrolled(EXCHANGE_OPS, [...get(0), ...constant(1), ...EXCHANGE, DROP])),
    ),
    counted('lock', false, times(1, [...compareExchange(0, 0), DROP])),
    counted(
      'lockUnlock',
      false,
      times(1, [...compareExchange(0, 1), DROP, ...get(0), ...constant(0), ...release()]),
    ),
    {
      name: 'stream',
      parameters: 2,
      locals: 1,
      result: true,
      body: [...pieces(LINE, [...get(2), ...get(0), ...load(), ADD, ...set(2)]), ...get(2)],
    },
    {
      name: 'clearPages',
      parameters: 2,
      locals: 0,
      result: false,
      body: pieces(PAGE, [...get(0), ...constant(0), ...constant(PAGE), ...MEMORY_FILL]),
    },
    {
      name: 'copyPages',
      parameters: 3,
      locals: 0,
      result: false,
      body: pieces(PAGE, [...get(0), ...get(2), ADD, ...get(0), ...constant(PAGE), ...MEMORY_COPY]),
    },
    { name: 'pingPong', parameters: 3, locals: 0, result: false, body: pingPong() },
    { name: 'ticketLock', parameters: 2, locals: 1, result: false, body: ticketLock(release) },
  ]
}

/** A function of (start, rounds). */
function counted(
  name: string,
  result: boolean,
  body: readonly number[],
  value: readonly number[] = [],
): WasmFunction {
  return { name, parameters: 2, locals: 0, result, body: [...body, ...value] }
}

/** Four operations, each on the result of the one before; alternating, so that no compiler folds them. */
function oneCycleOps(): number[] {
  const step = (operation: number): number[] => [...get(0), ...get(1), operation, ...set(0)]
  return [...step(XOR), ...step(ADD), ...step(XOR), ...step(ADD)]
}

function compareExchange(expected: number, value: number): number[] {
  return [...get(0), ...constant(expected), ...constant(value), ...COMPARE_EXCHANGE]
}

/** The body with local 0 going up from its value to local 1 in steps. */
function pieces(step: number, body: readonly number[]): number[] {
  return loop([...body, ...get(0), ...constant(step), ADD, ...tee(0), ...get(1), LT_U, ...AGAIN_IF])
}

/** Local 1 is what the word is when it is this thread's turn. */
function pingPong(): number[] {
  const turn = [...get(0), ...get(1), ...get(1), ...constant(1), ADD, ...COMPARE_EXCHANGE]
  return times(2, [
    ...loop([...turn, ...get(1), NE, ...AGAIN_IF]),
    ...get(1),
    ...constant(2),
    ADD,
    ...set(1),
  ])
}

/** Local 2 is this thread's ticket. */
function ticketLock(release: (offset?: number) => number[]): number[] {
  const take = [...get(0), ...constant(1), ...ATOMIC_ADD, ...set(2)]
  const wait = loop([...get(0), ...atomicLoad(LINE_PAIR), ...get(2), NE, ...AGAIN_IF])
  const next = [...get(0), ...get(2), ...constant(1), ADD, ...release(LINE_PAIR)]
  return times(1, [...take, ...wait, ...next])
}
