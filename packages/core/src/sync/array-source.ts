/**
 * Where the arrays of virtual time and of checks come from: their modules ask for theirs by name when a run is bound.
 *
 * As JavaScript each array has a buffer of its own. Compiled text finds all of them in one memory, at offsets that it
 * imports by the same names. Invariant: a name is that of the module variable that holds the array, and is used once.
 */

/** Gives zeroed arrays. */
export interface ArraySource {
  uint8(name: string, length: number): Uint8Array
  int16(name: string, length: number): Int16Array
  int32(name: string, length: number): Int32Array
  float64(name: string, length: number): Float64Array
}

/** Arrays of their own. */
export const SEPARATE_ARRAYS: ArraySource = {
  uint8: (_name, length) => new Uint8Array(length),
  int16: (_name, length) => new Int16Array(length),
  int32: (_name, length) => new Int32Array(length),
  float64: (_name, length) => new Float64Array(length),
}

/** Lays arrays out one after the other, in a buffer, or in none to learn how long that must be. */
export class ArrayLayout implements ArraySource {
  /** Byte offsets by name. */
  readonly offsets: Record<string, number> = {}
  bytes = 0
  readonly #buffer: ArrayBuffer | undefined

  /** @param buffer - zeroed. */
  constructor(buffer?: ArrayBuffer) {
    this.#buffer = buffer
  }

  uint8(name: string, length: number): Uint8Array {
    const at = this.#place(name, length)
    return this.#buffer === undefined ? new Uint8Array(0) : new Uint8Array(this.#buffer, at, length)
  }

  int16(name: string, length: number): Int16Array {
    const at = this.#place(name, length * Int16Array.BYTES_PER_ELEMENT)
    return this.#buffer === undefined ? new Int16Array(0) : new Int16Array(this.#buffer, at, length)
  }

  int32(name: string, length: number): Int32Array {
    const at = this.#place(name, length * Int32Array.BYTES_PER_ELEMENT)
    return this.#buffer === undefined ? new Int32Array(0) : new Int32Array(this.#buffer, at, length)
  }

  float64(name: string, length: number): Float64Array {
    const at = this.#place(name, length * Float64Array.BYTES_PER_ELEMENT)
    if (this.#buffer === undefined) return new Float64Array(0)
    return new Float64Array(this.#buffer, at, length)
  }

  /** On a cache line of its own. */
  #place(name: string, bytes: number): number {
    const at = this.bytes
    this.offsets[name] = at
    this.bytes = Math.ceil((at + bytes) / 64) * 64
    return at
  }
}
