/**
 * The second memory of compiled text: what an engine keeps beside the machine's words.
 *
 * A new one for every run would cost a page fault for each of its pages, which takes longer than zeroing it, and would be
 * left to the garbage collector. So a thread keeps one for each engine. Invariant: one run at a time has it.
 */

/** A WebAssembly.Memory that is not shared. */
export interface ArrayMemory {
  readonly buffer: ArrayBuffer
}

interface WebAssemblyApi {
  Memory: new (descriptor: { initial: number; maximum: number }) => ArrayMemory
}

const PAGE_BYTES = 65536
/** No WebAssembly memory is larger. */
const BYTES_MAX = 65536 * PAGE_BYTES

/** This thread's memory of one engine, for every run that has room in it. */
export class KeptMemory {
  #kept: ArrayMemory | undefined

  /**
   * A memory of at least `bytes`, the first `zeroed` of them zeroed; undefined: too many. Throws RangeError if the system
   * refuses it.
   */
  allocate(bytes: number, zeroed: number = bytes): ArrayMemory | undefined {
    if (bytes > BYTES_MAX) return undefined
    if (this.#kept !== undefined && this.#kept.buffer.byteLength >= bytes) {
      new Uint8Array(this.#kept.buffer, 0, zeroed).fill(0)
      return this.#kept
    }
    // the old one may go first
    this.#kept = undefined
    const pages = Math.ceil(bytes / PAGE_BYTES)
    const { Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
    this.#kept = new Memory({ initial: pages, maximum: pages })
    return this.#kept
  }
}
