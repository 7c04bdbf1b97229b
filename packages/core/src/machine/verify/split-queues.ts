/**
 * Deferred split queues: links, length, and that each queued folio is in use and on the queue of its memcg.
 */

import { DEFERRED_SPLIT_PMD, NR_MEMCGS, SPLIT_QUEUE_BASE } from '../globals.ts'
import {
  FOLIO_DEFERRED_LIST,
  HPAGE_PMD_ORDER,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_ANON,
  SPLIT_QUEUE_LEN,
  SPLIT_QUEUE_LIST,
  SPLIT_QUEUE_WORDS,
} from '../layout.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { memcgIdOf } from './accounting.ts'
import { describeFrame } from './describe-page.ts'
import { type Facts, KIND_FOLIO, SEEN_ON_SPLIT_QUEUE } from './facts.ts'
import { walkList } from './list-walk.ts'

/** Walks the queue of the node (0) and of every memcg. */
export function checkSplitQueues(facts: Facts): void {
  const minOrder = DEFERRED_SPLIT_PMD > 0 ? HPAGE_PMD_ORDER : 2
  for (let id = 0; id <= NR_MEMCGS; id++) {
    const queue = SPLIT_QUEUE_BASE + id * SPLIT_QUEUE_WORDS
    const name = (): string => `deferred split queue of memcg ${id}`
    let length = 0
    const broken = walkList(queue + SPLIT_QUEUE_LIST, FOLIO_DEFERRED_LIST, (pfn) => {
      length++
      checkEntry(facts, pfn, id, minOrder, name)
    })
    if (broken !== '') facts.violations.add('split-queue-list', () => `${name()}: ${broken}`)
    facts.violations.equal('split-queue-len', load(queue + SPLIT_QUEUE_LEN), length, name)
    facts.foliosQueued += length
  }
}

function checkEntry(
  facts: Facts,
  pfn: number,
  memcgId: number,
  minOrder: number,
  name: () => string,
): void {
  const { seen } = facts
  const page = pfnToPage(pfn)
  const flags = load(page + PAGE_FLAGS)
  const belongs =
    facts.kind[pfn] === KIND_FOLIO &&
    (facts.order[pfn] as number) >= minOrder &&
    (flags & PG_ANON) !== 0 &&
    memcgIdOf(flags) === memcgId &&
    load(page + PAGE_REFCOUNT) !== 0
  if (!belongs)
    facts.violations.add(
      'split-queue-entry',
      () => `${name()}: does not belong: ${describeFrame(pfn)}`,
    )
  seen[pfn] = (seen[pfn] as number) | SEEN_ON_SPLIT_QUEUE
}

/** A folio of order 2 or more that no queue has must not be linked (list_empty(&folio->_deferred_list)). */
export function checkSplitQueueLink(facts: Facts, pfn: number): void {
  if (((facts.seen[pfn] as number) & SEEN_ON_SPLIT_QUEUE) !== 0) return
  const node = pfnToPage(pfn) + FOLIO_DEFERRED_LIST
  if (load(node) === node && load(node + 1) === node) return
  facts.violations.add('split-queue-missing', () => `on no queue: ${describeFrame(pfn)}`)
}
