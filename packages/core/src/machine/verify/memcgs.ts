/**
 * page_counter: usage of a memcg is what is charged to it and to its descendants, in advance (the stocks) included.
 * What is charged to the root itself is not counted.
 */

import { CPU_BASE, CPU_STRIDE, MEMCG_BASE, NR_CPUS, NR_MEMCGS } from '../globals.ts'
import {
  CPU_STOCK_MEMCG,
  CPU_STOCK_PAGES,
  MEMCG_CHARGE_BATCH,
  MEMCG_PARENT,
  MEMCG_USAGE,
  MEMCG_WORDS,
  ROOT_MEMCG_ID,
} from '../layout.ts'
import { load } from '../memory.ts'
import { addTo, type Facts } from './facts.ts'

/** Compares every counter with the pages found. */
export function checkMemcgs(facts: Facts): void {
  checkStocks(facts)
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

/** memcg_stock_pcp of each CPU: a remainder of a batch, of a memcg that is charged. */
function checkStocks(facts: Facts): void {
  for (let i = 0; i < NR_CPUS; i++) {
    const cpu = CPU_BASE + i * CPU_STRIDE
    const memcg = load(cpu + CPU_STOCK_MEMCG)
    const pages = load(cpu + CPU_STOCK_PAGES)
    const known = memcg > ROOT_MEMCG_ID && memcg <= NR_MEMCGS
    if ((known && pages >= 0 && pages <= MEMCG_CHARGE_BATCH) || (memcg === 0 && pages === 0)) {
      if (known) addTo(facts.memcgPages, memcg, pages)
      continue
    }
    facts.violations.add('memcg-stock', () => `CPU ${i}: ${pages} pages of memcg ${memcg}`)
  }
}

/** The parent's id; 0 if there is none. */
function parentOf(id: number): number {
  const parent = (load(MEMCG_BASE + id * MEMCG_WORDS + MEMCG_PARENT) - MEMCG_BASE) / MEMCG_WORDS
  return parent >= 1 && parent <= NR_MEMCGS ? Math.floor(parent) : 0
}
