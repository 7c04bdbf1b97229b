/**
 * Walks a linked list that may be broken.
 *
 * n.next.prev === n for every node, so a list without a break ends at its head. Behind the first break the rest is
 * walked from the other end: one wrong link must not make every folio behind it look lost.
 */

import { NR_PFNS } from '../globals.ts'
import { load } from '../memory.ts'
import { pfnAt } from './memmap.ts'

const NEXT = 0
const PREV = 1

/**
 * Calls `visit` with the PFN of each node's page.
 * @param head - address of the list head.
 * @param nodeOffset - where in a struct page the nodes lie.
 * @returns what is broken, or '' if nothing is.
 */
export function walkList(head: number, nodeOffset: number, visit: (pfn: number) => void): string {
  let node = head
  let visited = 0
  for (;;) {
    const next = load(node + NEXT)
    if (next === head) {
      if (load(head + PREV) === node) return ''
      break
    }
    const pfn = pfnAt(next - nodeOffset)
    if (pfn < 0 || load(next + PREV) !== node) break
    visit(pfn)
    visited++
    node = next
  }
  const broken = describeBreak(head, node, nodeOffset)
  walkBack(head, node, nodeOffset, NR_PFNS - visited, visit)
  return broken
}

/** From the tail towards `last`, the last node that was visited from the front. */
function walkBack(
  head: number,
  last: number,
  nodeOffset: number,
  limit: number,
  visit: (pfn: number) => void,
): void {
  let node = load(head + PREV)
  for (let left = limit; left > 0 && node !== last && node !== head; left--) {
    const pfn = pfnAt(node - nodeOffset)
    if (pfn < 0) return
    visit(pfn)
    node = load(node + PREV)
  }
}

function describeBreak(head: number, node: number, nodeOffset: number): string {
  const name = (at: number): string => {
    if (at === head) return 'the head'
    const pfn = pfnAt(at - nodeOffset)
    return pfn < 0 ? `word ${at} (no struct page)` : `pfn ${pfn}`
  }
  const next = load(node + NEXT)
  if (next !== head && pfnAt(next - nodeOffset) < 0) return `${name(node)}.next is ${name(next)}`
  const back = load(next + PREV)
  return `${name(node)}.next is ${name(next)}, but ${name(next)}.prev is ${name(back)}`
}
