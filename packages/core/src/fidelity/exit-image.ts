/**
 * The image of a process that exits: what a forked worker of a statically linked program still maps.
 *
 * It was not recorded, so this is one of plausible shape, with its numbers fitted to the counts of its exit: 11 VMAs in
 * three PGD entries, 191 PTEs, most of them shared with the parent that goes on. The worker was forked in the root memcg
 * and moved to its own, so that what it touched before is charged to the root, and tables that fork made carry no memcg.
 * On 6.12 its stack is a page deeper, and its two deepest pages wait in the lru_add batch of another CPU.
 */

import type { NamedFoliosInput, RunInput, ScenarioInput, VmaInput } from '../scenario/input.ts'
import type { RealKernel } from './real-counts.ts'

/** Page-cache and anonymous pages that the parent maps too. */
const TEXT = 140
const PARENTS = 33
/** Anonymous pages of the worker alone: of the data segment, of the heap, of the stack. */
const DATA = 4
const HEAP = 6

/** Ids of the named folios: each kind from its own hundred on. */
const TEXT_ID = 0
const DATA_ID = 1000
const HEAP_ID = 2000
const PARENTS_ID = 3000
const SHARED_ID = 4000
const STACK_ID = 5000

/** The folios and the VMAs of the image. */
export function exitImage(
  kernel: RealKernel,
): Pick<ScenarioInput, 'folios'> & { vmas: VmaInput[] } {
  // 191 PTEs on both kernels
  const deep = kernel === '6.12' ? 2 : 1
  const parents = PARENTS - (deep - 1)
  const waiting: Partial<NamedFoliosInput> = kernel === '6.12' ? { lru: false, pins: 1 } : {}
  const folios: NamedFoliosInput[] = [
    { id: TEXT_ID, count: TEXT, kind: 'file', mappedByOthers: 1 },
    { id: DATA_ID, count: DATA, memcg: 'root' },
    { id: HEAP_ID, count: HEAP, memcg: 'root' },
    { id: PARENTS_ID, count: parents, memcg: 'root', mappedByOthers: 1 },
    // what parent and worker talk through
    { id: SHARED_ID, kind: 'shmem', dirty: true, memcg: 'root', mappedByOthers: 1 },
    { id: STACK_ID, count: deep, memcg: 'worker', ...waiting },
    { id: STACK_ID + deep, memcg: 'root' },
    { id: STACK_ID + deep + 1, count: 2, memcg: 'worker' },
  ]
  const stack = deep + 3
  const vmas: VmaInput[] = [
    forked('0x400000', 4, [{ at: 0, pages: 4, folio: TEXT_ID }]),
    forked('0x404000', 100, [{ at: 0, pages: 100, folio: TEXT_ID + 4 }]),
    forked('0x468000', 36, [{ at: 0, pages: 36, folio: TEXT_ID + 104 }]),
    forked('0x48c000', DATA, [{ at: 0, pages: DATA, folio: DATA_ID }]),
    // bss: the pages that it touched last
    { kind: 'anon', pages: 3, start: '0x490000', tableMemcg: 'root' },
    forked('0x1000000', HEAP + parents, [
      { at: 0, pages: HEAP, folio: HEAP_ID },
      { at: HEAP, pages: parents, folio: PARENTS_ID },
    ]),
    // a shared mapping is not copied by fork: its tables are the worker's
    {
      kind: 'anon',
      pages: 1,
      start: '0x7e8000000000',
      tableMemcg: 'worker',
      runs: [{ at: 0, pages: 1, folio: SHARED_ID, dirty: true }],
    },
    { kind: 'anon', pages: 8, start: '0x7e8000010000', holes: 'all' },
    forked('0x7ffd00000000', stack, [{ at: 0, pages: stack, folio: STACK_ID }]),
    { kind: 'pfnmap', pages: 4, start: '0x7ffd00100000', holes: 'all' },
    { kind: 'pfnmap', pages: 2, start: '0x7ffd00104000', holes: 'all' },
  ]
  return { folios, vmas }
}

/** A VMA whose page tables fork made, in the root memcg. */
function forked(start: string, pages: number, runs: RunInput[]): VmaInput {
  return { kind: 'anon', pages, start, tableMemcg: 'root', runs }
}
