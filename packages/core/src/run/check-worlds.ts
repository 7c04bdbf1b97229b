/**
 * The catalogue of a check: small worlds in which CPUs meet at everything that teardown orders.
 *
 * Batches, bundles and bounds are made small by tunables, so that their ends are reached by a few pages. Each world is a
 * scenario of two or three CPUs that source-DPOR explores whole under every strategy that ships, unless it says otherwise.
 */

import type {
  AnonVmaInput,
  FileVmaInput,
  ProcessGroupInput,
  ScenarioInput,
  VmaInput,
} from '../scenario/input.ts'
import { parseGeneratedWorld } from './check-generate.ts'
import type { CheckWorld } from './check-world.ts'

type World = ReturnType<CheckWorld['input']>
type Processes = NonNullable<ScenarioInput['processes']>

/** One batch page of a few slots behind a small bundle. */
const SMALL = { mmuGatherBundle: 3, maxGatherBatch: 4, maxGatherBatchCount: 1 } as const
const PCP = { count: 2, high: 65536 } as const

function world(cpus: number, processes: Processes, more: Partial<World> = {}): World {
  return {
    seed: 1,
    tunables: SMALL,
    ...more,
    machine: { cpus, pcp: PCP, ...more.machine },
    processes,
  }
}

function anon(pages: number, order: number, more: Partial<AnonVmaInput> = {}): VmaInput {
  return { kind: 'anon', pages, folios: [{ order, count: 1 }], ...more }
}

function file(pages: number, offset: number, more: Partial<FileVmaInput> = {}): VmaInput {
  return { kind: 'file', file: 'f', pages, offset, ...more }
}

function processOf(vmas: VmaInput[], more: Partial<ProcessGroupInput> = {}): ProcessGroupInput {
  return { memcg: 'root', vmas, ...more }
}

/** Two VMAs in one page table, so that unmapping the first leaves the table. */
const FIRST = { start: '0x40000000' } as const
const SECOND = { start: '0x40010000' } as const

/** A CPU that does something to the memory of others. */
function actor(program: NonNullable<ProcessGroupInput['program']>): ProcessGroupInput {
  return processOf([], { program })
}

/** `count` processes that exit, with one folio of this order, shared as after fork. */
function sharedFolio(count: number, order: number): World {
  return world(count, [processOf([anon(2 ** order, order)], { count, share: count })])
}

const FILE = (pages: number, order: number) => ({
  files: [{ name: 'f', pages, folios: [{ order, count: 1 }], memcg: 'root' }],
})

/** Smallest order of large anonymous folios that a strategy's kernel may have. */
const LARGE = 2

/** v6.1 removes the rmap of a dirty file page before the flush; 5df397dec7c4 (v6.2) delays it. */
const EARLY_RMAP = { 'linux-6.1': 'rmap-before-flush' } as const

function thpAndPte(): World {
  return world(
    2,
    [
      processOf(
        [{ kind: 'anon', pages: 512, runs: [{ at: 0, pages: 512, folio: 0, mapped: 'pmd' }] }],
        {
          teardown: [{ munmap: { vma: 0, from: 511, pages: 1 } }],
        },
      ),
      processOf([{ kind: 'anon', pages: 1, runs: [{ at: 0, pages: 1, folio: 0 }] }]),
    ],
    { folios: [{ id: 0, order: 9, kind: 'anon', memcg: 'root' }], tunables: {} },
  )
}

export const CHECK_WORLDS: readonly CheckWorld[] = [
  {
    name: 'shared-order0',
    summary: 'two exits share one small folio',
    findings: {},
    input: () => sharedFolio(2, 0),
  },
  {
    name: 'shared-order2',
    summary: 'two exits share one folio of 4 pages',
    findings: {},
    input: () => sharedFolio(2, LARGE),
  },
  {
    name: 'shared-order3',
    summary: 'two exits share one folio of 8 pages, more than the local batch holds',
    findings: {},
    input: () => sharedFolio(2, 3),
  },
  {
    name: 'shared-order0-by-3',
    summary: 'three exits share one small folio',
    findings: {},
    input: () => sharedFolio(3, 0),
  },
  {
    name: 'partial-munmap',
    summary: 'one process unmaps half of a shared folio, the other exits',
    findings: {},
    input: () =>
      world(2, [
        processOf([anon(4, LARGE)], {
          count: 2,
          share: 2,
          teardown: [{ munmap: { vma: 0, from: 0, pages: 2 } }, 'exit'],
        }),
      ]),
  },
  {
    name: 'two-folios',
    summary: 'two exits, a small and a large folio, both shared, of one memcg',
    findings: {},
    input: () =>
      world(2, [
        {
          memcg: 'a',
          count: 2,
          share: 2,
          vmas: [
            {
              kind: 'anon',
              pages: 5,
              folios: [
                { order: 0, count: 1 },
                { order: LARGE, count: 1 },
              ],
            },
          ],
        },
      ]),
  },
  {
    name: 'file-offsets',
    summary: 'two exits map one large folio of a file at different offsets, dirty in one',
    findings: EARLY_RMAP,
    input: () =>
      world(
        2,
        [processOf([file(2, 0, { dirty: 'all' })]), processOf([file(2, 1, { young: 'all' })])],
        FILE(4, LARGE),
      ),
  },
  {
    name: 'folio-in-two-vmas',
    summary:
      'a process maps the halves of a file folio by neighbouring VMAs, another exits beside it',
    findings: {},
    input: () =>
      world(
        2,
        [
          processOf([file(2, 0, { start: '0x40000000' }), file(2, 2, { start: '0x40002000' })]),
          processOf([file(1, 0)]),
        ],
        FILE(4, LARGE),
      ),
  },
  {
    name: 'dirty-batches',
    summary: 'dirty file pages beyond the local batch, beside a mapping of one of them',
    findings: EARLY_RMAP,
    input: () =>
      world(2, [processOf([file(6, 0, { dirty: 'all' })]), processOf([file(1, 0)])], FILE(6, 0)),
  },
  {
    name: 'lruvec-holds',
    summary: 'more small folios than one hold of the lruvec lock may examine, one of them shared',
    findings: {},
    input: () =>
      world(2, [processOf([anon(6, 0)]), processOf([anon(1, 0)])], {
        tunables: { swapClusterMax: 2 },
      }),
  },
  {
    name: 'neighbouring-folios',
    summary: 'two exits: large folios side by side, the second one shared',
    findings: {},
    input: () =>
      world(
        2,
        [
          processOf([{ kind: 'anon', pages: 8, runs: [{ at: 0, pages: 8, folio: 0, page: 0 }] }]),
          processOf([{ kind: 'anon', pages: 1, runs: [{ at: 0, pages: 1, folio: 1, page: 3 }] }]),
        ],
        { folios: [{ id: 0, count: 2, order: LARGE, kind: 'anon', memcg: 'root' }] },
      ),
  },
  {
    name: 'record-at-chunk-end',
    summary:
      'small and large folios in turn, freed in chunks that end between a page and its number of pages',
    findings: {},
    input: () =>
      world(
        2,
        [
          processOf([
            {
              kind: 'anon',
              pages: 5,
              folios: [
                { order: 0, count: 1 },
                { order: LARGE, count: 1 },
              ],
            },
          ]),
          processOf([anon(1, 0)]),
        ],
        { tunables: { freeChunk: 2, mmuGatherBundle: 8 } },
      ),
  },
  {
    name: 'munmap-and-access',
    summary: 'a thread on another CPU writes to pages while they are unmapped, through its TLB',
    findings: {},
    input: () =>
      world(2, [
        processOf([anon(2, 0, FIRST), anon(1, 0, SECOND)], {
          cpumask: 2,
          teardown: [{ munmap: { vma: 0, from: 0, pages: 2 } }],
        }),
        actor([{ access: { process: 0 } }, { access: { process: 0 } }]),
      ]),
  },
  {
    name: 'munmap-and-writeback',
    summary: 'a dirty file page is unmapped, written to through a TLB and cleaned for writeback',
    findings: EARLY_RMAP,
    input: () =>
      world(
        3,
        [
          processOf([file(1, 0, { dirty: 'all', ...FIRST }), anon(1, 0, SECOND)], {
            cpumask: 2,
            teardown: [{ munmap: { vma: 0, from: 0, pages: 1 } }],
          }),
          actor([{ access: { process: 0 } }, { access: { process: 0 } }]),
          actor([{ writeback: { process: 0 } }]),
        ],
        FILE(1, 0),
      ),
  },
  {
    name: 'munmap-pfnmap',
    summary: 'a VMA of PFN mappings is unmapped with its page table, beside an exit',
    findings: {},
    input: () =>
      world(2, [
        processOf([{ kind: 'pfnmap', pages: 2, start: '0x40000000' }, anon(1, 0)], {
          cpumask: 2,
          teardown: [{ munmap: { vma: 0, from: 0, pages: 2 } }, 'exit'],
        }),
        processOf([anon(1, 0)]),
      ]),
  },
  {
    name: 'two-gathers',
    summary: 'two CPUs zap the same pages of one mm (MADV_DONTNEED), each with a gather of its own',
    findings: {},
    input: () =>
      world(2, [
        processOf([anon(2, 0)], {
          cpumask: 2,
          program: [{ dontneed: {} }],
        }),
        actor([{ dontneed: { process: 0 } }]),
      ]),
  },
  {
    name: 'two-gathers-and-access',
    summary: 'two gathers on one mm, and a thread that goes on to use what both have zapped',
    findings: {},
    input: () =>
      world(3, [
        processOf([anon(1, 0)], {
          cpumask: 3,
          program: [{ dontneed: {} }],
        }),
        actor([{ dontneed: { process: 0 } }]),
        actor([{ access: { process: 0 } }, { access: { process: 0 } }]),
      ]),
  },
  {
    name: 'fork-beside-exit',
    summary: 'a process forks and its child exits while a sharer of its pages exits',
    findings: {},
    input: () =>
      world(2, [
        processOf([anon(1, 0)], {
          count: 2,
          share: 2,
          program: [{ fork: { program: [{ touch: { vma: 0, write: false } }] } }],
        }),
      ]),
  },
  {
    name: 'fault-beside-exit',
    summary: 'a write fault copies a shared page while the other process exits',
    findings: {},
    input: () =>
      world(
        2,
        [
          processOf([{ kind: 'anon', pages: 1, runs: [{ at: 0, pages: 1, folio: 0 }] }]),
          processOf([{ kind: 'anon', pages: 1, runs: [{ at: 0, pages: 1, folio: 0 }] }], {
            program: [{ touch: { vma: 0 } }],
          }),
        ],
        { folios: [{ id: 0, order: 0, kind: 'anon', memcg: 'root' }] },
      ),
  },
  {
    name: 'reclaim-beside-exit',
    summary: 'reclaim isolates the folio that an exit frees',
    findings: {},
    input: () =>
      world(2, [processOf([anon(1, 0)]), actor([{ reclaim: { memcg: 'root', rounds: 1 } }])]),
  },
  {
    name: 'split-scan',
    summary: 'the deferred-split shrinker passes while a queued folio is freed',
    findings: { '*': 'data-race' },
    input: () =>
      world(
        2,
        [
          processOf([anon(4, LARGE)], {
            teardown: [{ munmap: { vma: 0, from: 0, pages: 1 } }, 'exit'],
          }),
          actor([{ splitScan: { memcg: 'root' } }]),
        ],
        { tunables: { ...SMALL, deferredSplit: 'large' } },
      ),
  },
  {
    name: 'pmd-then-pte',
    summary: 'a folio mapped by a PMD, and its page 1 by a PTE right behind it, in one gather',
    findings: { 'range-v1': 'rmap-once', 'range-v2': 'rmap-once' },
    input: () =>
      world(
        1,
        [
          processOf([
            { kind: 'file', file: 'f', pages: 512, offset: 0, mapped: 'pmd' },
            { kind: 'file', file: 'f', pages: 1, offset: 1 },
          ]),
        ],
        { ...FILE(512, 9), tunables: {} },
      ),
  },
  {
    name: 'split-beside-removal',
    summary: "a PMD mapping is split while a PTE mapping of the same folio's first page is removed",
    findings: { '*': 'vmstat', 'linux-6.18-npm': '' },
    input: thpAndPte,
  },
]

/** The world of the catalogue of this name, or the generated one (`seed-17`). */
export function findCheckWorld(name: string): CheckWorld | undefined {
  return CHECK_WORLDS.find((each) => each.name === name) ?? parseGeneratedWorld(name)
}
