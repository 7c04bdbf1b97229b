/**
 * Garbage of a run's set-up, collected before the CPUs start: V8 would mark it on threads of its own while they run, on
 * their cores.
 *
 * It is arrays outside of V8's heap that make it begin (12 bytes a page from populate, 20 from verify), so their bytes tell
 * whether there is something to collect. Collecting takes some 10 to 40 ms.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What may be left: V8 begins to mark when tens of MiB have been added. */
const GROWTH_BYTES_MAX = 1 << 22

export class ArrayGarbage {
  #bytes = arrayBytes()

  /** Collects if arrays of more than 4 MiB have been made since the last call, or since this object was. */
  collect(): void {
    if (arrayBytes() - this.#bytes <= GROWTH_BYTES_MAX) return
    collector()?.()
    this.#bytes = arrayBytes()
  }
}

function arrayBytes(): number {
  return process.memoryUsage().arrayBuffers
}

type Collector = () => void

let known: Collector | undefined

/** V8's own function, which it gives to contexts that are made under a flag; undefined: it does not. */
function collector(): Collector | undefined {
  known ??= (globalThis as { gc?: Collector }).gc ?? collectorOfNewContext()
  return known
}

function collectorOfNewContext(): Collector | undefined {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('globalThis.gc')
  // contexts of others are made as before
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? (found as Collector) : undefined
}
