/**
 * What a measuring thread is asked and answers: plain data, posted.
 */

import type { SharedMemory } from '@mmgather/core'

/** What one thread measures alone. */
export type SoloKind =
  | 'clock'
  | 'access'
  | 'atomic'
  | 'lock'
  | 'lockUnlock'
  | 'memory'
  | 'clearPage'
  | 'copyPage'

/** What two threads measure together. */
export type DuoKind = 'transfer' | 'handOver'

export type Request =
  | { readonly id: number; readonly kind: SoloKind; readonly samples: number }
  | { readonly id: number; readonly kind: DuoKind; readonly samples: number; readonly me: number }

export interface Answer {
  readonly id: number
  /** Nanoseconds of one operation, a value for each sample. */
  readonly ns: readonly number[]
}

/** Posted once, when a thread is up. */
export interface Hello {
  /** Its id in the operating system, 0 if unknown. */
  readonly threadId: number
}

export interface CalibrateThreadData {
  readonly memory: SharedMemory
}
