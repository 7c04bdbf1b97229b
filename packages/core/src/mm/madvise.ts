/**
 * mm/madvise.c: MADV_DONTNEED: the pages of a range go, its VMA stays.
 *
 * mmap_lock is held for reading, so several CPUs may do it to one mm at a time, each with a gather of its own (H-7); it
 * is not modelled, since nobody holds it for writing meanwhile. Whoever works on another process's mm has a reference to
 * it (process_madvise).
 */

import { VMA_END } from '../machine/layout.ts'
import { load } from '../machine/memory.ts'
import { lruAddDrain } from './folio-batch.ts'
import { unmapVmas } from './memory.ts'
import { findVma } from './mmap.ts'
import { tlbFinishMmu, tlbGatherMmu } from './mmu-gather.ts'
import type { Strategy } from './strategy.ts'

/** madvise_dontneed_single_vma, zap_page_range_single: what the VMA at `start` maps in [start, end). */
export function zapPageRangeSingle(
  cpu: number,
  mm: number,
  start: number,
  end: number,
  strategy: Strategy,
): void {
  const vma = findVma(mm, start)
  if (vma === 0) return
  lruAddDrain(cpu)
  tlbGatherMmu(cpu, mm, strategy)
  unmapVmas(cpu, vma, start, Math.min(end, load(vma + VMA_END)), strategy)
  tlbFinishMmu(cpu, strategy)
}
