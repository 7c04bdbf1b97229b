/**
 * Names the list that a node is on, by walking to its head: for debuggers, one page at a time.
 */

import {
  CPU_BASE,
  CPU_STRIDE,
  LRUVEC_BASE,
  NR_CPUS,
  NR_LRUVECS,
  NR_PFNS,
  ZONE,
} from '../globals.ts'
import {
  FREE_AREA_WORDS,
  LRUVEC_LISTS,
  LRUVEC_WORDS,
  MAX_ORDER,
  NR_LRU_LISTS,
  NR_PCP_LISTS,
  PCP_LISTS,
  ZONE_FREE_AREA,
} from '../layout.ts'
import { load } from '../memory.ts'
import { LRU_NAMES } from './accounting.ts'
import { pfnAt } from './memmap.ts'

/** The name of the list, or '' if the node's links lead to no list head. */
export function describeList(node: number, nodeOffset: number): string {
  let at = node
  for (let i = 0; i <= NR_PFNS; i++) {
    at = load(at)
    if (pfnAt(at - nodeOffset) < 0) return nameOfHead(at)
  }
  return ''
}

function nameOfHead(head: number): string {
  const lruvec = Math.floor((head - LRUVEC_BASE) / LRUVEC_WORDS)
  if (lruvec >= 0 && lruvec < NR_LRUVECS) {
    const lru = (head - LRUVEC_BASE - lruvec * LRUVEC_WORDS - LRUVEC_LISTS) / 2
    return lru >= 0 && lru < NR_LRU_LISTS ? `lruvec ${lruvec} ${LRU_NAMES[lru]}` : ''
  }
  const cpu = Math.floor((head - CPU_BASE) / CPU_STRIDE)
  if (cpu >= 0 && cpu < NR_CPUS) {
    const pindex = (head - CPU_BASE - cpu * CPU_STRIDE - PCP_LISTS) / 2
    return pindex >= 0 && pindex < NR_PCP_LISTS ? `CPU ${cpu} pcp list ${pindex}` : ''
  }
  const order = Math.floor((head - ZONE - ZONE_FREE_AREA) / FREE_AREA_WORDS)
  return order >= 0 && order <= MAX_ORDER ? `zone free list of order ${order}` : ''
}
