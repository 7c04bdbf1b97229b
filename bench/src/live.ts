/**
 * Our side of the macro benchmark: the live engine, through the packages that users get.
 *
 * `@mmgather/workers` resolves to its built form, so what is measured is the CPU thread's bundle and the modules that ship.
 */
import { parseScenario } from '@mmgather/core'
import { type KernelCode, runLive } from '@mmgather/workers'

import type { NativeConfig } from '../../packages/core/test/native-ref/native-config.ts'
import { toScenario } from '../../packages/core/test/native-ref/to-scenario.ts'

/** Teardowns before those that count: V8 compiles the JavaScript, more than once, during the first. */
export const WARMUP_RUNS = 8

/**
 * Nanoseconds of wall time per page, from the start barrier to the last CPU's end: the median of the runs.
 * (The report's own `perPage` sums the time of all CPUs, the C program's does not.)
 */
export async function measureLive(
  config: NativeConfig,
  cpus: number,
  runs: number,
  code: KernelCode,
): Promise<number> {
  const input = toScenario(config)
  const scenario = parseScenario({ ...input, machine: { ...input.machine, cpus } })
  const report = await runLive(scenario, { runs, warmup: WARMUP_RUNS, verify: false, code })
  if (report.outcome.kind !== 'completed') {
    throw new Error(`the live engine: ${JSON.stringify(report.outcome)}`)
  }
  return report.time.teardown.median / report.counters.ptesCleared
}
