/**
 * page_counter: usage of a memcg is what is charged to it and to its descendants. What is charged to the root itself is
 * not counted.
 */

import { MEMCG_BASE, NR_MEMCGS } from '../globals.ts'
import { MEMCG_PARENT, MEMCG_USAGE, MEMCG_WORDS, ROOT_MEMCG_ID } from '../layout.ts'
import { load } from '../memory.ts'
import { addTo, type Facts } from './facts.ts'

/** Compares every counter with the pages found. */
export function checkMemcgs(facts: Facts): void {
  const usage = new Int32Array(NR_MEMCGS + 1)
  for (let id = ROOT_MEMCG_ID + 1; id <= NR_MEMCGS; id++) {
    const pages = facts.memcgPages[id] as number
    // at most NR_MEMCGS ancestors: a loop of parents shows as wrong sums
    let memcg = id
    for (let depth = 0; memcg !== 0 && depth < NR_MEMCGS; depth++) {
      addTo(usage, memcg, pages)
      memcg = parentOf(memcg)
    }
  }
  for (let id = 1; id <= NR_MEMCGS; id++) {
    facts.violations.equal(
      'memcg-usage',
      load(MEMCG_BASE + id * MEMCG_WORDS + MEMCG_USAGE),
      usage[id] as number,
      () => `memcg ${id}: pages charged to it and its descendants`,
    )
  }
}

/** The parent's id; 0 if there is none. */
function parentOf(id: number): number {
  const parent = (load(MEMCG_BASE + id * MEMCG_WORDS + MEMCG_PARENT) - MEMCG_BASE) / MEMCG_WORDS
  return parent >= 1 && parent <= NR_MEMCGS ? Math.floor(parent) : 0
}
