/**
 * Presets: address spaces of several VMAs, shared between processes as real programs share them.
 */
import { SCENARIO_SCHEMA } from '../scenario.ts'
import type { Preset } from './preset.ts'

const sharedLibraryFork: Preset = {
  name: 'shared-library-fork',
  summary: '32 forked workers with a shared library and shared heaps',
  scenario: {
    schema: SCENARIO_SCHEMA,
    name: 'shared-library-fork',
    description:
      'A prefork server goes down: groups of 8 workers still share the heap of their parent, all map libc and the program text.',
    machine: { cpus: 2 },
    files: [
      {
        name: 'server',
        pages: 1024,
        folios: [{ order: 2, count: 64 }, { order: 4 }],
        active: 'all',
      },
      { name: 'libc', pages: 480, folios: [{ order: 0 }], active: { every: 2 } },
    ],
    processes: [
      {
        name: 'worker',
        count: 32,
        share: 8,
        memcg: 'server',
        vmas: [
          { kind: 'file', file: 'server', pages: 1024, label: 'server text', young: { every: 3 } },
          {
            kind: 'anon',
            pages: 2048,
            label: '[heap]',
            folios: [{ order: 0, count: 56 }, { order: 3 }],
            dirty: 'all',
          },
          {
            kind: 'file',
            file: 'libc',
            pages: 480,
            label: 'libc text',
            holes: { every: 4 },
            young: { every: 5 },
          },
          {
            kind: 'anon',
            pages: 64,
            start: '0x7ffffffa0000',
            label: '[stack]',
            dirty: 'all',
            holes: { every: 2 },
          },
        ],
      },
    ],
  },
}

const memcgAlternate: Preset = {
  name: 'memcg-alternate',
  summary: 'lruvecs alternate along the batch: two memcgs, page by page',
  scenario: {
    schema: SCENARIO_SCHEMA,
    name: 'memcg-alternate',
    description:
      'Neighbouring folios are charged to different memcgs, as after a task has moved between them: every slot changes the lruvec, and so the lock.',
    machine: { cpus: 2 },
    processes: [
      {
        name: 'mover',
        count: 2,
        memcg: 'a',
        vmas: [{ kind: 'anon', pages: 65_536, folios: [{ memcg: 'a' }, { memcg: 'b' }] }],
      },
    ],
  },
}

const dirtySharedFile: Preset = {
  name: 'dirty-shared-file',
  summary: 'two processes with a MAP_SHARED file, one PTE in 4 dirty',
  scenario: {
    schema: SCENARIO_SCHEMA,
    name: 'dirty-shared-file',
    description:
      'A database file mapped by two processes. Dirty PTEs delay the rmap removal until after a TLB flush, in every page table.',
    machine: { cpus: 2 },
    files: [
      {
        name: 'table',
        pages: 65_536,
        folios: [
          { order: 0, count: 256 },
          { order: 2, count: 64 },
        ],
      },
    ],
    processes: [
      {
        name: 'db',
        count: 2,
        vmas: [
          {
            kind: 'file',
            file: 'table',
            pages: 65_536,
            dirty: { every: 1024, length: 256 },
            young: { every: 8 },
          },
        ],
      },
    ],
  },
}

const kernelBuild: Preset = {
  name: 'kernel-build',
  summary: '80 short-lived compiler processes, taken from a queue',
  scenario: {
    schema: SCENARIO_SCHEMA,
    name: 'kernel-build',
    description:
      'The shape of a parallel kernel build: compilers exit one after the other; text and libraries are shared, the heap is half small, half order-3 folios.',
    machine: { cpus: 2, deal: 'queue' },
    files: [
      {
        name: 'cc1',
        pages: 4096,
        folios: [
          { order: 4, count: 16 },
          { order: 2, count: 64 },
        ],
        active: 'all',
      },
      { name: 'libc', pages: 480, active: 'all' },
    ],
    processes: [
      {
        name: 'cc1',
        count: 80,
        memcg: 'build',
        vmas: [
          {
            kind: 'file',
            file: 'cc1',
            pages: 4096,
            label: 'cc1 text',
            holes: { every: 4, length: 3 },
            young: { every: 8 },
          },
          {
            kind: 'anon',
            pages: 1280,
            label: '[heap]',
            folios: [
              { order: 3, count: 8 },
              { order: 0, count: 64 },
            ],
            dirty: 'all',
          },
          { kind: 'file', file: 'libc', pages: 480, label: 'libc text', holes: { every: 2 } },
          {
            kind: 'anon',
            pages: 64,
            start: '0x7ffffffa0000',
            label: '[stack]',
            dirty: 'all',
            holes: { every: 2 },
          },
        ],
      },
    ],
  },
}

const swapMixed: Preset = {
  name: 'swap-mixed',
  summary: 'swap entries, swap cache and locked memory in one process',
  scenario: {
    schema: SCENARIO_SCHEMA,
    name: 'swap-mixed',
    description:
      'A process that has been under memory pressure: a part is swapped out, a part is in the swap cache (some of it shared), one VMA is locked.',
    machine: { cpus: 2 },
    processes: [
      {
        name: 'pressed',
        count: 2,
        vmas: [
          {
            kind: 'anon',
            pages: 49_152,
            label: '[heap]',
            swap: { every: 64, length: 16 },
            swapcache: { from: 16, every: 32, length: 4 },
            swapcacheShared: { from: 16, every: 128, length: 2 },
            active: { every: 3 },
            young: { every: 2 },
            dirty: { every: 2 },
          },
          { kind: 'anon', pages: 2048, label: 'mlock', locked: true, dirty: 'all' },
          { kind: 'anon', pages: 4096, label: 'was mlocked', mlocked: { every: 16 } },
        ],
      },
    ],
  },
}

export const mixedPresets: readonly Preset[] = [
  sharedLibraryFork,
  memcgAlternate,
  dirtySharedFile,
  kernelBuild,
  swapMixed,
]
