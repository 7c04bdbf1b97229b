/**
 * Presets: transparent huge pages, mapped by PTEs and by PMDs, torn down whole and by halves.
 */
import { SCENARIO_SCHEMA } from '../scenario.ts'
import type { Preset } from './preset.ts'

export const hugePresets: readonly Preset[] = [
  {
    name: 'thp-pte-mapped',
    summary: 'two processes of 256 MiB exit, THPs mapped by PTEs',
    scenario: {
      schema: SCENARIO_SCHEMA,
      name: 'thp-pte-mapped',
      description: '128 folios of order 9 in each process, all of them mapped page by page.',
      machine: { cpus: 2 },
      processes: [
        {
          name: 'worker',
          count: 2,
          vmas: [{ kind: 'anon', pages: 65_536, folios: [{ order: 9 }] }],
        },
      ],
    },
  },
  {
    name: 'thp-pmd-mapped',
    summary: 'two processes of 256 MiB exit, THPs mapped by PMDs',
    scenario: {
      schema: SCENARIO_SCHEMA,
      name: 'thp-pmd-mapped',
      description: '128 folios of order 9 in each process, each mapped by one PMD.',
      machine: { cpus: 2 },
      processes: [
        {
          name: 'worker',
          count: 2,
          vmas: [{ kind: 'anon', pages: 65_536, folios: [{ order: 9 }], mapped: 'pmd' }],
        },
      ],
    },
  },
  {
    name: 'munmap-half-thp',
    summary: '64 times: half a PTE-mapped THP goes, then the process',
    scenario: {
      schema: SCENARIO_SCHEMA,
      name: 'munmap-half-thp',
      description:
        'Each process unmaps the first half of its only THP, which queues the folio for deferred split, and then exits, which takes it off again.',
      processes: [
        { name: 'half', count: 64, vmas: [{ kind: 'anon', pages: 512, folios: [{ order: 9 }] }] },
      ],
      teardown: [{ munmap: { vma: 0, from: 0, pages: 256 } }, 'exit'],
    },
  },
]
