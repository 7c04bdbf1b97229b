/**
 * The worked examples of the behavioural specification as scenarios, with every counter, for every strategy.
 *
 * Standard conditions: the mapping starts on a 2 MiB boundary, folios in natural order, one memcg, everything on the LRU, no
 * bulk free, the gather's pages from a reserve, page tables freed outside the gather. A counter that is not named is 0.
 */

import { COUNTER_KEYS } from '../machine/counters.ts'
import type { ScenarioInput, VmaInput } from '../scenario/input.ts'
import { parseScenario } from '../scenario/parse-scenario.ts'
import type { Scenario } from '../scenario/scenario.ts'
import {
  byKind,
  type ByStrategy,
  type Counts,
  KINDS,
  SMALL,
  SMALL_FREED,
  ORDER_3,
  ORDER_3_FREED,
  ORDER_3_QUEUED,
  HALF,
  HALF_QUEUED,
  SECOND_HALF_CALLS,
  THP_FREED,
  DIRTY,
  ORDER_4,
  ORDER_4_FREED,
  ORDER_4_QUEUED,
  PMD_MAPPED,
} from './worked-example-counts.ts'

export interface WorkedExample {
  /** The example's number in the specification, and its part. */
  readonly workload: string
  readonly title: string
  readonly strategy: string
  readonly scenario: Scenario
  /** The CPU whose counts these are: CPUs run one after the other. */
  readonly cpu: number
  /** Every counter, and events where the example names some. */
  readonly expected: Readonly<Record<string, number>>
}

const N = 1024

type Rest = Omit<ScenarioInput, 'schema' | 'strategy'>

/** Lists that take everything: longer than what is freed, and from v6.7 on with a batch that free_high never reaches. */
const NO_BULK = { count: 0, high: 65_536, batch: 16_384 }

/** An example's rows, one for each strategy. */
function example(
  workload: string,
  title: string,
  rest: Rest,
  cpu: number,
  ...parts: readonly ByStrategy[]
): WorkedExample[] {
  return Object.keys(KINDS).map((strategy) => {
    const zero = Object.fromEntries(COUNTER_KEYS.map((key) => [key, 0]))
    const expected = Object.assign({}, zero, ...parts.map((part) => part[strategy])) as Record<
      string,
      number
    >
    const input: ScenarioInput = {
      schema: 'mmgather/scenario@1',
      name: `${workload}: ${title}`,
      strategy,
      ...rest,
      machine: { pcp: NO_BULK, gatherPages: 'reserve', ...rest.machine },
    }
    return {
      workload,
      title,
      strategy,
      // read when it is asked for: most who import core never do
      get scenario() {
        return parseScenario(input)
      },
      cpu,
      expected,
    }
  })
}

/** The same counts for every strategy. */
function all(counts: Counts): ByStrategy {
  return byKind({ pages: counts, ranges: counts, runs: counts })
}

/** Sums of several rows of each strategy. */
function sum(...parts: readonly ByStrategy[]): ByStrategy {
  return Object.fromEntries(
    Object.keys(KINDS).map((strategy) => {
      const total: Record<string, number> = {}
      for (const part of parts) {
        for (const [key, count] of Object.entries(part[strategy] ?? {}))
          total[key] = (total[key] ?? 0) + count
      }
      return [strategy, total]
    }),
  )
}

const exit = (vma: Partial<VmaInput>): Rest => ({
  processes: [{ vmas: [{ kind: 'anon', pages: N, ...vma } as VmaInput] }],
})
const order3 = { folios: [{ order: 3 }] }
const thp = { pages: 512, folios: [{ order: 9 }] }
const halves = (...from: number[]): Rest => ({
  ...exit(thp),
  teardown: from.map((at) => ({ munmap: { vma: 0, from: at, pages: 256 } })),
})
const forked: Rest = {
  machine: { cpus: 2 },
  processes: [{ count: 2, share: 2, vmas: [{ kind: 'anon', pages: N, ...order3 }] }],
}
const dirtyFile: Rest = {
  files: [{ name: 'data', pages: N }],
  processes: [{ vmas: [{ kind: 'file', file: 'data', pages: N, dirty: { from: 512, every: 1 } }] }],
}
const freed128 = all({ foliosFreed: 128, pagesFreed: N })
const secondCalls = Object.fromEntries(
  Object.entries(SECOND_HALF_CALLS).map(([id, calls]) => [id, { deferredSplitCalls: calls }]),
)
/** With CONFIG_NO_PAGE_MAPCOUNT all 512 pages become unmapped for the statistics with the last. */
const lateStat: ByStrategy = { 'linux-6.18-npm': { statUpdates: 1 } }

/** Every example of every strategy. */
export const WORKED_EXAMPLES: readonly WorkedExample[] = [
  ...example('G.2', '1,024 order-0 pages', exit({}), 0, SMALL, all(SMALL_FREED)),
  ...example(
    'G.3',
    '128 order-3 folios',
    exit(order3),
    0,
    ORDER_3,
    ORDER_3_FREED,
    ORDER_3_QUEUED,
    freed128,
  ),
  ...example('G.4', 'the first half of a PTE-mapped THP', halves(0), 0, HALF, HALF_QUEUED),
  ...example(
    'G.4/both',
    'both halves, one after the other',
    halves(0, 256),
    0,
    sum(HALF, HALF, HALF_QUEUED, secondCalls, lateStat, all(THP_FREED)),
  ),
  ...example(
    'G.5/first',
    '128 order-3 folios shared by fork, the first exit',
    forked,
    0,
    ORDER_3,
    // nothing becomes unmapped; the range strategies subtract 0
    all({ statUpdates: 0 }),
    Object.fromEntries(
      Object.entries(KINDS)
        .filter(([, kind]) => kind !== 'ranges')
        .map(([id]) => [id, { nrPagesMappedAtomics: 0 }]),
    ),
  ),
  ...example(
    'G.5/second',
    'the second exit',
    forked,
    1,
    ORDER_3,
    ORDER_3_FREED,
    ORDER_3_QUEUED,
    freed128,
  ),
  ...example('G.6', 'a clean and a dirty table of a file', dirtyFile, 0, DIRTY),
  ...example(
    'G.9',
    '64 order-4 folios',
    exit({ folios: [{ order: 4 }] }),
    0,
    ORDER_4,
    ORDER_4_FREED,
    ORDER_4_QUEUED,
    all({ foliosFreed: 64, pagesFreed: N }),
  ),
  ...example('G.13', 'one PMD-mapped THP', exit({ ...thp, mapped: 'pmd' }), 0, PMD_MAPPED),
]
