/**
 * mm/page_alloc.c: how long per-CPU lists are, from the size of the zone (zone_batchsize and zone_highsize of v6.5).
 */

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
