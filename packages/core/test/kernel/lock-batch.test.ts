/**
 * G.14: the lock_batch window of release_pages. One hold covers the slot that takes the lruvec lock and the next 31
 * slots, whatever becomes of them; the lock is dropped before the 32nd following slot is looked at.
 */
import { expect, test } from 'vitest'

import {
  bindLiveCpu,
  bindMachine,
  collectCounters,
  cpuAddress,
  createMachine,
  populate,
} from '../../src/index.ts'
import type { FolioPatternInput } from '../../src/index.ts'
import { CPU_BATCH_FRAMES } from '../../src/machine/globals.ts'
import {
  BATCH_SLOTS,
  FOLIO_NR_PAGES_MAPPED,
  PAGE_COMPOUND_HEAD,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PG_TYPE_MASK,
} from '../../src/machine/layout.ts'
import { load, store } from '../../src/machine/memory.ts'
import { folioNrPages, folioFlags, pfnToPage } from '../../src/machine/page.ts'
import { releasePages } from '../../src/mm/swap.ts'
import { scenarioOf } from '../support/run.ts'

/** Releases one slot for each folio of the pattern, unmapped, `kept` with one reference too many. */
function release(folios: FolioPatternInput[], pages: number, kept: number[] = []) {
  const scenario = scenarioOf({ processes: [{ vmas: [{ kind: 'anon', pages, folios }] }] })
  const machine = createMachine(scenario)
  populate(machine, scenario)
  bindMachine(machine)
  bindLiveCpu({ cpu: cpuAddress(0) })
  const slots = cpuAddress(0) + CPU_BATCH_FRAMES + BATCH_SLOTS
  let nr = 0
  for (let pfn = 0, seen = 0; seen < pages; ) {
    const folio = pfnToPage(pfn)
    // a gap that alignment left
    if ((folioFlags(folio) & PG_TYPE_MASK) !== 0) {
      pfn++
      continue
    }
    const size = folioNrPages(folio, folioFlags(folio))
    for (let i = 0; i < size; i++) store(folio + i * PAGE_WORDS + PAGE_MAPCOUNT, -1)
    if (size > 1) store(folio + FOLIO_NR_PAGES_MAPPED, 0)
    expect(load(folio + PAGE_COMPOUND_HEAD)).toBe(folio)
    store(folio + PAGE_REFCOUNT, kept.includes(nr) ? 2 : 1)
    store(slots + nr, folio * 2)
    nr++
    pfn += size
    seen += size
  }
  releasePages(cpuAddress(0), slots, nr)
  return collectCounters(machine)
}

const small = [{ order: 0, count: 1 }]

test('70 slots of one lruvec, all freed: holds 0-31, 32-63, 64-69', () => {
  expect(release(small, 70).lruvecLockAcquisitions).toBe(3)
})

test('slot 32 is not freed: holds 0-31, 33-64, 65-69', () => {
  const counters = release(small, 70, [32])
  expect(counters.lruvecLockAcquisitions).toBe(3)
  expect(counters.foliosFreed).toBe(69)
})

test('slot 5 is a large folio: holds 0-4, its own, 6-37, 38-69', () => {
  const folios = [
    { order: 0, count: 5 },
    { order: 2, count: 1 },
    { order: 0, count: 64 },
  ]
  const counters = release(folios, 73)
  expect(counters.foliosFreed).toBe(70)
  expect(counters.lruvecLockAcquisitions).toBe(1 + 1 + 1 + 1)
})

test.each([1, 2, 31, 32, 33, 64, 65, 96, 200])(
  'k = %i slots need ceil(k / 32) acquisitions',
  (k) => {
    expect(release(small, k).lruvecLockAcquisitions).toBe(Math.ceil(k / 32))
  },
)

test('the pcp lock is dropped and taken anew every 32 pages', () => {
  expect(release(small, 70).pcpLockAcquisitions).toBe(3)
})
