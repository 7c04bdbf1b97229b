/**
 * mm/page_alloc.c: how long per-CPU lists are, from the size of the zone (zone_batchsize and zone_highsize of v6.5, and the
 * bounds between which high adapts from v6.7 on) or from what a scenario asks for.
 */

import type { MachineConfig, PcpConfig } from '../scenario/scenario.ts'

/** zone_batchsize: a quarter of a per mille of the zone, at most 256 pages, rounded to 2^k - 1. 63 from 1 GiB on. */
export function zoneBatchsize(managedPages: number): number {
  let batch = Math.min(managedPages >> 10, 256)
  batch = batch >> 2
  if (batch < 1) batch = 1
  const rounded = batch + (batch >> 1)
  const power = 1 << (31 - Math.clz32(rounded))
  return Math.max(1, power - 1)
}

/** The low watermark in pages: min_free_kbytes = 4 * sqrt(KiB), plus a quarter of it or 0.1 % of the zone. */
export function lowWatermark(managedPages: number): number {
  const kib = managedPages * 4
  const minFreeKib = Math.min(262144, Math.max(128, Math.floor(Math.sqrt(kib * 16))))
  const min = minFreeKib >> 2
  const scaled = Math.floor((managedPages * 10) / 10000)
  return min + Math.max(min >> 2, scaled)
}

/** zone_highsize: the low watermark shared out to the CPUs, at least four batches. */
export function zoneHighsize(managedPages: number, batch: number, cpus: number): number {
  return Math.max(Math.floor(lowWatermark(managedPages) / cpus), batch << 2)
}

/** batch, high and its bounds of each CPU's lists. */
export interface PcpLimits {
  readonly batch: number
  readonly high: number
  readonly highMin: number
  readonly highMax: number
}

/** percpu_pagelist_high_fraction at its least: high_max is an eighth of the zone, shared out to the CPUs (v6.7). */
const HIGH_FRACTION_MIN = 8

/**
 * What a scenario asks for, or the kernel computes. `high` alone fixes it, as percpu_pagelist_high_fraction does.
 *
 * @param adapts - 1: the kernel adapts `high` (v6.7).
 */
export function pcpLimitsOf({ memory, cpus, pcp }: MachineConfig, adapts: number): PcpLimits {
  const batch = pcp.batch ?? zoneBatchsize(memory)
  const computed = zoneHighsize(memory, batch, cpus)
  if (adapts === 0) {
    const high = pcp.high ?? computed
    return { batch, high, highMin: high, highMax: high }
  }
  if (pcp.high !== undefined && pcp.highMin === undefined && pcp.highMax === undefined)
    return { batch, high: pcp.high, highMin: pcp.high, highMax: pcp.high }
  const largest = Math.max(Math.floor(Math.floor(memory / HIGH_FRACTION_MIN) / cpus), batch << 2)
  const highMin = pcp.highMin ?? Math.min(computed, pcp.highMax ?? computed)
  const highMax = pcp.highMax ?? Math.max(largest, highMin)
  const high = Math.max(highMin, Math.min(highMax, pcp.high ?? highMin))
  return { batch, high, highMin, highMax }
}

/** Page frames that the blocks on one CPU's lists take at most, the gaps before them included. */
export function pcpListPages({ count, lists }: PcpConfig): number {
  return lists.reduce((sum, list) => sum + (list.count + 1) * 2 ** list.order, count)
}
