/**
 * From the flags of a command to what they replace in a scenario.
 */
import type { ScenarioOverrides } from '@mmgather/core'

/** The flags that replace values of the scenario. */
export function overridesOf(flags: ScenarioOverrides): ScenarioOverrides {
  const { strategy, cpus, processes, pages, order, share, mapped } = flags
  const { lruvecs, swapClusterMax, lock, pageTables, teardown, seed } = flags
  return {
    strategy,
    cpus,
    processes,
    pages,
    order,
    share,
    mapped,
    lruvecs,
    swapClusterMax,
    lock,
    pageTables,
    teardown,
    seed,
  }
}
