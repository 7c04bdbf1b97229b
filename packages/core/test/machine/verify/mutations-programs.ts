/**
 * Mutations of what only machines with programs have: children, free page-table contents, charge stocks, lru_add batches,
 * isolated folios, allocations.
 */
import {
  CPU_ADD_BATCH,
  MM_BASE,
  MM_STRIDE,
  NR_MEMCGS,
  NR_PROCESSES,
  PT_FREE_NEXT,
} from '../../../src/machine/globals.ts'
import {
  E_FOLIOS_ALLOCATED,
  E_PAGES_ALLOCATED,
  E_PTES_MAPPED,
  PGALLOC,
} from '../../../src/machine/counters.ts'
import {
  CPU_ISOLATED,
  CPU_PT_FREE,
  CPU_STOCK_MEMCG,
  CPU_STOCK_PAGES,
  CPU_VMSTAT,
  FBATCH_NR,
  MM_USERS,
} from '../../../src/machine/layout.ts'
import { load } from '../../../src/machine/memory.ts'
import type { ScenarioInput } from '../../../src/scenario/input.ts'
import { SCENARIO_SCHEMA } from '../../../src/scenario/scenario.ts'
import { cpu0, cpu1, eventWord, type Mutation, mutation } from './mutation.ts'
import { add, poke } from './support.ts'

/** A process that maps, forks, copies and is reclaimed from, on the first of two CPUs. */
export const FORKER: ScenarioInput = {
  schema: SCENARIO_SCHEMA,
  machine: { cpus: 2 },
  processes: [
    {
      memcg: 'b/c',
      vmas: [{ kind: 'anon', pages: 200 }],
      program: [
        { mmap: { pages: 700, order: 2 } },
        { touch: { vma: 1 } },
        { fork: { program: [{ touch: { vma: 0 } }, { touch: { vma: 1, pages: 90 } }] } },
        { reclaim: { memcg: 'b/c', rounds: 9 } },
      ],
    },
  ],
}

export const PROGRAM_MUTATIONS: readonly Mutation[] = [
  mutation('child-exited', 'forked', 'it still runs', () =>
    poke(MM_BASE + NR_PROCESSES * MM_STRIDE + MM_USERS, 1),
  ),
  mutation('table-contents', 'forked', 'a list is lost', () => poke(cpu0() + CPU_PT_FREE, 0)),
  mutation('table-contents', 'forked', 'a list that runs in circles', () => {
    const first = load(cpu0() + CPU_PT_FREE)
    poke(PT_FREE_NEXT + first - 1, first)
  }),
  mutation('table-contents', 'forked', 'on the lists of two CPUs', () =>
    poke(cpu1() + CPU_PT_FREE, load(cpu0() + CPU_PT_FREE)),
  ),
  mutation('memcg-stock', 'forked', 'pages of no memcg', () => poke(cpu1() + CPU_STOCK_PAGES, 3)),
  mutation('memcg-stock', 'forked', 'a memcg that does not exist', () =>
    poke(cpu1() + CPU_STOCK_MEMCG, NR_MEMCGS + 1),
  ),
  mutation('memcg-usage', 'forked', 'a page of the stock is lost', () =>
    add(cpu0() + CPU_STOCK_PAGES, -1),
  ),
  mutation('isolated-pending', 'forked', 'a folio', () => poke(cpu0() + CPU_ISOLATED, 40)),
  mutation('folio-batch', 'forked', 'more new folios than fit', () =>
    poke(cpu0() + CPU_ADD_BATCH + FBATCH_NR, 16),
  ),
  mutation('pgalloc-conserved', 'forked', 'one too many', () =>
    add(cpu0() + CPU_VMSTAT + PGALLOC, 1),
  ),
  mutation('pages-conserved', 'forked', 'one that nobody has', () => {
    add(eventWord(E_PAGES_ALLOCATED), 1)
    add(cpu0() + CPU_VMSTAT + PGALLOC, 1)
  }),
  mutation('folios-conserved', 'forked', 'one that nobody has', () =>
    add(eventWord(E_FOLIOS_ALLOCATED), 1),
  ),
  mutation('mappings-conserved', 'forked', 'a PTE that is not there', () =>
    add(eventWord(E_PTES_MAPPED), 1),
  ),
]
