/** What the benchmark of the virtual engine runs, and what the project wants of it. */
import type { NativeConfig } from '../../packages/core/test/native-ref/native-config.ts'
import { STANDARD_CASES, type StandardCase, standardConfig } from './standard-config.ts'

export interface VirtualCase extends StandardCase {
  /** The goal: host time per page at 80 CPUs, against the live engine in JavaScript. */
  liveMost: number
}

export const ROWS: readonly VirtualCase[] = [
  { ...STANDARD_CASES[0], liveMost: 5 },
  { ...STANDARD_CASES[1], liveMost: 7 },
]

export const CPUS = [1, 8, 80, 256, 1024] as const

/** Host time per page at 1,024 CPUs, against that at 8. */
export const GOALS = { growthMost: 2 } as const

/** `pages` in all, in whole folios for each of as many processes as CPUs. */
export function configOf(
  { strategy, order }: VirtualCase,
  cpus: number,
  pages: number,
): NativeConfig {
  const folio = 2 ** order
  return standardConfig({
    strategy,
    order,
    pages: Math.max(1, Math.round(pages / cpus / folio)) * folio,
    procs: cpus,
  })
}
