/**
 * Which page frames the folios get.
 *
 * Every folio is naturally aligned. sequential: in creation order; shuffled: a random order by the seed, large folios
 * first so that alignment leaves no gaps; fragmented: as shuffled, with frames of others left between folios so that
 * freed memory cannot merge far. Device folios lie behind all others.
 */

import { Prng } from '../../lib/prng.ts'
import type { MachineConfig } from '../../scenario/scenario.ts'
import { DEVICE_FOLIO } from './folio-walk.ts'

export interface Placement {
  /** First PFN of each folio, in creation order. */
  readonly pfns: Int32Array
  /** PFNs below this belong to the zone (before the kernel's own pages). */
  readonly zonePfns: number
  /** PFNs that device folios take, from the next multiple of 512 behind the kernel's own pages on. */
  readonly devicePfns: number
}

/** @param deviceBase - where device folios begin; pass 0 to learn the sizes. */
export function placeFolios(
  orders: Uint8Array,
  placement: MachineConfig['placement'],
  seed: number,
  deviceBase: number,
): Placement {
  const pfns = new Int32Array(orders.length)
  const sequence = placement === 'sequential' ? undefined : shuffledByOrder(orders, seed)
  const gaps = placement === 'fragmented' ? new Prng(seed ^ 0x66726167) : undefined
  let next = 0
  let nextDevice = 0
  for (let i = 0; i < orders.length; i++) {
    const folio = sequence === undefined ? i : (sequence[i] as number)
    const entry = orders[folio] as number
    const size = 1 << (entry & ~DEVICE_FOLIO)
    if ((entry & DEVICE_FOLIO) !== 0) {
      nextDevice = align(nextDevice, size)
      pfns[folio] = deviceBase + nextDevice
      nextDevice += size
    } else {
      next = align(next, size)
      pfns[folio] = next
      next += size
      if (gaps !== undefined && gaps.below(2) === 0) next += size
    }
  }
  return { pfns, zonePfns: next, devicePfns: nextDevice }
}

function align(pfn: number, size: number): number {
  return Math.ceil(pfn / size) * size
}

/** Folio numbers, orders descending, shuffled within an order. */
function shuffledByOrder(orders: Uint8Array, seed: number): Int32Array {
  const byOrder: number[][] = []
  orders.forEach((entry, folio) => {
    const order = entry & ~DEVICE_FOLIO
    ;(byOrder[order] ??= []).push(folio)
  })
  const prng = new Prng(seed)
  const sequence = new Int32Array(orders.length)
  let at = 0
  for (let order = byOrder.length - 1; order >= 0; order--) {
    const folios = Int32Array.from(byOrder[order] ?? [])
    prng.shuffle(folios)
    sequence.set(folios, at)
    at += folios.length
  }
  return sequence
}
