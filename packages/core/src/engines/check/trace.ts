/**
 * What an execution has done so far, as JavaScript looks at it: the columns of sync/check-trace.ts, which writes them.
 */

import type { Kind } from '../../sync/check-kinds.ts'
import { checkState, TRACE_BEGUN, TRACE_ENTRIES, TRACE_LENGTH } from '../../sync/check-state.ts'
import {
  entryAddresses,
  entryBefore,
  entryKinds,
  entryOperands,
  entrySteps,
  stepCpus,
  stepOps,
  stepResults,
  stepStarts,
} from '../../sync/check-trace.ts'

/** One word that a step looks at or changes. */
export interface Access {
  readonly address: number
  readonly kind: Kind
  /** Of an addition: what is added; of bits: which. */
  readonly operand: number
  /** The word before the step. */
  readonly before: number
}

export class Trace {
  /** By step. */
  readonly cpus: Uint8Array = stepCpus
  readonly ops: Uint8Array = stepOps
  readonly results: Int32Array = stepResults
  /** Entries from here on are the step's. */
  readonly starts: Int32Array = stepStarts
  /** By entry: its step, and what it accesses. */
  readonly steps: Int32Array = entrySteps
  readonly addresses: Int32Array = entryAddresses
  readonly kinds: Uint8Array = entryKinds
  readonly operands: Int32Array = entryOperands
  readonly before: Int32Array = entryBefore

  /** Steps so far. */
  get length(): number {
    return checkState[TRACE_LENGTH] as number
  }

  /** With the one that was begun and is not over. */
  get begun(): number {
    return checkState[TRACE_BEGUN] as number
  }

  /** Entries so far. */
  get entries(): number {
    return checkState[TRACE_ENTRIES] as number
  }

  /** The CPU of each step. */
  schedule(): number[] {
    return Array.from(this.cpus.subarray(0, this.begun))
  }

  /** The accesses of a step, to be kept. */
  accessesOf(step: number): Access[] {
    const found: Access[] = []
    for (let e = this.starts[step] as number; e < (this.starts[step + 1] as number); e++) {
      found.push({
        address: this.addresses[e] as number,
        kind: this.kinds[e] as number,
        operand: this.operands[e] as number,
        before: this.before[e] as number,
      })
    }
    return found
  }
}
