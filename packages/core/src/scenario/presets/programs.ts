/**
 * Presets: workloads, processes that fault, fork and unmap over and over.
 */
import type { ProcessGroupInput, ScenarioInput } from '../input.ts'
import { SCENARIO_SCHEMA } from '../scenario.ts'
import type { Preset } from './preset.ts'

/** will-it-scale maps 128 MiB each time. */
const MAPPING_PAGES = 32_768

/** Maps, writes every page, unmaps, again and again: will-it-scale page_fault2 (with private anonymous memory). */
const faulter: ProcessGroupInput = {
  name: 'page_fault2',
  count: 2,
  program: [
    {
      repeat: {
        times: 4,
        steps: [{ mmap: { pages: MAPPING_PAGES } }, { touch: { vma: 0 } }, { munmap: { vma: 0 } }],
      },
    },
  ],
}

const pageFault2: ScenarioInput = {
  schema: SCENARIO_SCHEMA,
  name: 'page-fault2',
  description:
    'will-it-scale page_fault2: each process maps 128 MiB, writes every page and unmaps it, four times. New pages go to the LRU in batches of PAGEVEC_SIZE, freed ones leave it in holds of SWAP_CLUSTER_MAX: both take the lruvec lock.',
  machine: { cpus: 2 },
  processes: [faulter],
}

const pageFault2Reclaim: ScenarioInput = {
  ...pageFault2,
  name: 'page-fault2-reclaim',
  description:
    'As page-fault2, with background reclaim: chunks of the same lruvec are isolated and put back while one process faults and frees.',
  processes: [
    { ...faulter, count: 1 },
    {
      name: 'kswapd',
      background: true,
      memcg: 'root',
      program: [{ reclaim: { memcg: 'main', rounds: 1_000_000, pauseNs: 20_000 } }],
    },
  ],
}

const kernelBuildLoop: ScenarioInput = {
  schema: SCENARIO_SCHEMA,
  name: 'kernel-build-loop',
  description:
    'make -j2: each job forks one compiler after the other. The child copies what it writes of its parent, faults in a heap of 64 KiB folios and small mappings, computes, and exits.',
  machine: { cpus: 2 },
  files: [{ name: 'cc1', pages: 4096, folios: [{ order: 4 }], active: 'all' }],
  processes: [
    {
      name: 'make',
      count: 2,
      memcg: 'build',
      vmas: [
        { kind: 'file', file: 'cc1', pages: 1024, label: 'text' },
        { kind: 'anon', pages: 512, label: '[heap]' },
        { kind: 'anon', pages: 32, label: '[stack]' },
      ],
      program: [
        {
          repeat: {
            times: 20,
            steps: [
              {
                fork: {
                  program: [
                    { touch: { vma: 1, pages: 128 } },
                    { touch: { vma: 2, from: 16 } },
                    { mmap: { pages: 4096, order: 4 } },
                    { touch: { vma: 3, pages: 3000 } },
                    { delay: { ns: 200_000 } },
                    { mmap: { pages: 600 } },
                    { touch: { vma: 4 } },
                    { delay: { ns: 200_000 } },
                    { munmap: { vma: 4 } },
                  ],
                },
              },
              { touch: { vma: 1, pages: 64 } },
            ],
          },
        },
      ],
    },
  ],
}

export const programPresets: readonly Preset[] = [
  {
    name: 'page-fault2',
    summary: 'two processes map, write and unmap 128 MiB, four times',
    scenario: pageFault2,
  },
  {
    name: 'page-fault2-reclaim',
    summary: 'one such process, beside reclaim in the same lruvec',
    scenario: pageFault2Reclaim,
  },
  {
    name: 'kernel-build-loop',
    summary: 'two makes fork 20 compilers each, one after the other',
    scenario: kernelBuildLoop,
  },
]
