/**
 * The shared WebAssembly.Memory that holds a machine, declared here because core is compiled without the DOM library.
 *
 * A WebAssembly.Memory, and not a bare SharedArrayBuffer, so that compiled kernel text can work on the same buffer.
 */

/** What mmgather uses of WebAssembly.Memory; it can be posted to a worker. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
}

interface WebAssemblyWithMemory {
  Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => SharedMemory
}

const WASM_PAGE_BYTES = 65536

/** A zeroed shared memory of at least `bytes` bytes that never grows. Throws RangeError if the system refuses it. */
export function allocateSharedMemory(bytes: number): SharedMemory {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyWithMemory }
  const pages = Math.ceil(bytes / WASM_PAGE_BYTES)
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}
