/**
 * Typed arrays of zeros that live as long as one call, in memory that the next call uses again.
 *
 * Arrays of this size would have V8 collect garbage call after call, on the cores that are being measured. Invariant: at
 * most one user at a time; arrays are no longer looked at when `reset` is called.
 */

/** More than this is not kept from one call to the next. */
const KEPT_BYTES_MAX = 1 << 26
/** Every array starts at a multiple, whatever its elements. */
const ALIGNMENT = 8

export class Scratch {
  #memory = new ArrayBuffer(0)
  /** Bytes that were asked for since the last reset, whether they are in #memory or not. */
  #asked = 0

  /** Takes all arrays back. What the last call needed is kept for the next one, up to 64 MiB. */
  reset(): void {
    if (this.#asked > this.#memory.byteLength && this.#asked <= KEPT_BYTES_MAX) {
      this.#memory = new ArrayBuffer(this.#asked)
    }
    this.#asked = 0
  }

  /** @param length - in elements, here and below. */
  int32(length: number): Int32Array {
    const offset = this.#take(length * Int32Array.BYTES_PER_ELEMENT)
    return offset < 0
      ? new Int32Array(length)
      : new Int32Array(this.#memory, offset, length).fill(0)
  }

  uint8(length: number): Uint8Array {
    const offset = this.#take(length)
    return offset < 0
      ? new Uint8Array(length)
      : new Uint8Array(this.#memory, offset, length).fill(0)
  }

  /** Where there is room for so many bytes, or -1. */
  #take(bytes: number): number {
    const offset = this.#asked
    this.#asked += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    return offset + bytes <= this.#memory.byteLength ? offset : -1
  }
}
