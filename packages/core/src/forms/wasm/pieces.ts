/**
 * Functions as bytes that fit any module: the numbers of what they refer to are left out, and put in when a module is written.
 *
 * Invariant: where a function's instructions come from is told by places in it that no number moves (`placesOf`).
 */

import { NUMBER_BYTES } from '../../lib/wasm-constants.ts'
import type { Site } from './code.ts'

/** Where the module's number of a function, a global or a variable belongs: before the byte at `offset`. */
export interface Hole {
  readonly offset: number
  readonly kind: 'function' | 'global' | 'variable'
  readonly name: string
}

/** The locals and instructions of a function, but for numbers; holes in the order of the bytes. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly holes: readonly Hole[]
}

/** A piece with the places of its instructions, in the order of the bytes. */
export interface WrittenPiece extends Piece {
  readonly sites: readonly { readonly offset: number; readonly at: Site }[]
}

/** A piece that was made when mmgather was built; `positions` is its FunctionPositions as JSON, in UTF-8. */
export interface StoredPiece extends Piece {
  readonly positions: Uint8Array
}

/** The bytes of the module's number of what has this name. */
export type Numbers = (kind: Hole['kind'], name: string) => readonly number[]

/** A number in LEB128, as long as any other. */
export function evenNumber(n: number): readonly number[] {
  if (n >= 1 << 14) throw new Error(`a module has no more than ${1 << 14} functions`)
  return [(n & 127) | 128, n >> 7]
}

/** Puts the numbers in. */
export function filled({ bytes, holes }: Piece, numbers: Numbers): Uint8Array {
  const put = holes.map(({ kind, name }) => numbers(kind, name))
  const all = new Uint8Array(put.reduce((sum, { length }) => sum + length, bytes.length))
  let from = 0
  let to = 0
  for (const [i, { offset }] of holes.entries()) {
    all.set(bytes.subarray(from, offset), to)
    to += offset - from
    from = offset
    for (const byte of put[i] ?? []) all[to++] = byte
  }
  all.set(bytes.subarray(from), to)
  return all
}

/** The places of a piece where its module's numbers of globals are put in, among the bytes where even numbers are. */
export function* readsOf({ holes }: Piece): Generator<[place: number, name: string]> {
  for (const [before, { offset, kind, name }] of holes.entries())
    if (kind === 'global') yield [offset + before * NUMBER_BYTES, name]
}

/** The sites of a piece, each with its place among the bytes where even numbers are put in. */
export function* placesOf({ holes, sites }: WrittenPiece): Generator<[place: number, at: Site]> {
  let before = 0
  for (const { offset, at } of sites) {
    while ((holes[before]?.offset ?? Infinity) <= offset) before++
    yield [offset + before * NUMBER_BYTES, at]
  }
}
