/**
 * Bytes on their way to a file: one buffer that is handed on when it is full, so that a trace of any length takes the
 * same memory.
 */

/** The part of TextEncoder that is needed; it is not in the library of the language alone. */
interface Encoder {
  encode(text: string): Uint8Array
  encodeInto(text: string, into: Uint8Array): { written: number }
}
declare const TextEncoder: new () => Encoder

const BUFFER_BYTES = 65_536
const encoder = new TextEncoder()

/** Takes bytes before it returns: the buffer is used again. */
export type WriteBytes = (bytes: Uint8Array) => void

/** UTF-8. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text)
}

export class ByteSink {
  readonly #write: WriteBytes
  readonly #buffer = new Uint8Array(BUFFER_BYTES)
  #length = 0
  #handedOn = 0

  constructor(write: WriteBytes) {
    this.#write = write
  }

  /** All bytes so far. */
  get bytes(): number {
    return this.#handedOn + this.#length
  }

  /** Where the next byte goes in `buffer`, with room for `bytes` of them. */
  reserve(bytes: number): number {
    if (this.#length + bytes > BUFFER_BYTES) this.flush()
    return this.#length
  }

  get buffer(): Uint8Array {
    return this.#buffer
  }

  /** The bytes before `end` are filled. */
  commit(end: number): void {
    this.#length = end
  }

  text(text: string): void {
    if (text.length * 3 > BUFFER_BYTES) {
      this.flush()
      const bytes = bytesOf(text)
      this.#handedOn += bytes.length
      this.#write(bytes)
      return
    }
    const at = this.reserve(text.length * 3)
    this.#length += encoder.encodeInto(text, this.#buffer.subarray(at)).written
  }

  flush(): void {
    if (this.#length === 0) return
    const filled = this.#buffer.subarray(0, this.#length)
    this.#handedOn += this.#length
    this.#length = 0
    this.#write(filled)
  }
}
