/**
 * The rules that are looked at while an execution runs, put together, and the plain stores from which they tell that a page is
 * freed.
 */

import {
  LRUVEC_BASE,
  MEMMAP,
  NO_PAGE_MAPCOUNT,
  NR_PFNS,
  SPLIT_QUEUE_BASE,
  ZONE,
} from '../../../machine/globals.ts'
import { PAGE_FLAGS, PAGE_WORDS } from '../../../machine/layout.ts'
import { isFree } from '../../../sync/check-memory.ts'
import { watchStores } from '../../../sync/check-watch.ts'
import type { Execution } from '../execution.ts'
import type { Watcher } from '../watcher.ts'
import { CounterRules } from './counters.ts'
import { GatherRules } from './gather.ts'
import { LockRules } from './locks.ts'
import { PendingRmapRule } from './pending-rmap.ts'
import { PfnmapFlushRule } from './pfnmap-flush.ts'

/** The rules of the bound machine. */
export function createRules(): Watcher[] {
  return [
    new PendingRmapRule(),
    new CounterRules(),
    new LockRules(),
    new GatherRules(),
    new PfnmapFlushRule(),
  ]
}

/** Tells the watchers of the plain stores of the CPU that `execution` runs. */
export function watchWith(watchers: readonly Watcher[], execution: Execution): void {
  const stores = watchers.flatMap((each) =>
    each.store === undefined ? [] : [each.store.bind(each)],
  )
  const frees = watchers.flatMap((each) =>
    each.freed === undefined ? [] : [each.freed.bind(each)],
  )
  const { trace } = execution
  const end = MEMMAP + NR_PFNS * PAGE_WORDS
  watchStores(Math.min(ZONE, LRUVEC_BASE, SPLIT_QUEUE_BASE), (cpu, address, old, value) => {
    if (address >= MEMMAP && address < end) {
      if (NO_PAGE_MAPCOUNT !== 0) for (const told of stores) told(cpu, address, old, value)
      if ((address - MEMMAP) % PAGE_WORDS !== PAGE_FLAGS) return
      if (isFree(value) && !isFree(old))
        for (const told of frees) told(cpu, address - PAGE_FLAGS, trace)
      return
    }
    for (const told of stores) told(cpu, address, old, value)
  })
}
