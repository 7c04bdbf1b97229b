/**
 * Which counters differ between runs of one scenario: those whose count depends on the order of events.
 */

import { COUNTER_KEYS, type CounterKey } from '../machine/counters.ts'

/** The keys whose counts are not the same in every run, in report order; none for fewer than two runs. */
export function countersThatVary(
  runs: readonly Readonly<Record<CounterKey, number>>[],
): CounterKey[] {
  const first = runs[0]
  if (first === undefined) return []
  return COUNTER_KEYS.filter((key) => runs.some((run) => run[key] !== first[key]))
}
