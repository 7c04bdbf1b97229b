/**
 * Where a run takes place, as far as it bears on its times.
 */

import type { RunEnvironment } from '@mmgather/core'
import { availableParallelism, cpus } from 'node:os'

import type { KernelCode } from './kernel-code.ts'
import { allowedCores, type Pinning } from './pin.ts'

/** Cores that this process may use: of those it is allowed on, as many as a container's quota leaves. */
export function usableCores(): number {
  const allowed = allowedCores().length
  return allowed === 0 ? availableParallelism() : Math.min(allowed, availableParallelism())
}

export function describeEnvironment(
  simulatedCpus: number,
  pinning: Pinning,
  code: KernelCode,
): RunEnvironment {
  const cores = usableCores()
  return {
    code,
    runtime: `node ${process.version}`,
    platform: `${process.platform} ${process.arch}`,
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    pinned: pinning.pinned,
    pinnedNote: pinning.note,
    cpusExceedCores: simulatedCpus > cores,
  }
}
