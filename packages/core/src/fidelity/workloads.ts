/**
 * The workloads that were counted on real kernels, as scenarios.
 *
 * Invariant: a scenario says what the machine was like and what was torn down; nothing in it follows from the counts, but
 * for the image of W0/exit, which says so.
 */

import { parseScenario } from '../scenario/parse-scenario.ts'
import type {
  MachineConfigInput,
  ScenarioInput,
  TeardownInput,
  VmaInput,
} from '../scenario/input.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { exitImage } from './exit-image.ts'
import type { RealKernel } from './real-counts.ts'

/** Where the mapping lies: 1-GiB aligned, with nothing else in its PGD entry. */
const MAPPING_START = '0x100000000000'
/** The program's own memory. */
const PROGRAM_START = '0x7f0000000000'

/** The guest: 2 CPUs, pcp high of 6,986 pages; paravirt off, so that page tables are gathered. */
const MACHINE: MachineConfigInput = {
  cpus: 2,
  pageTables: 'gathered',
  pcp: { high: 6986 },
  // what charges of single pages left over: unknown, but not nothing
  memcgStock: 32,
}

const THP = [{ order: 9 }]
const PAGE_COUNTS = [1, 7, 8, 510, 518, 1028, 5100, 9698]

/** The mapping of each workload, by name. */
const MAPPINGS: Readonly<Record<string, VmaInput>> = {
  'W0/munmap_untouched': { kind: 'anon', pages: 1024, holes: 'all' },
  'W1/munmap': { kind: 'anon', pages: 1024 },
  'W2/munmap': { kind: 'anon', pages: 65_536 },
  'W4/munmap': { kind: 'anon', pages: 64 * 512, folios: THP, mapped: 'pmd' },
  'W5/munmap': { kind: 'anon', pages: 64 * 512, folios: THP },
  'W13/order2': { kind: 'anon', pages: 16_384, folios: [{ order: 2 }] },
  'W13/order6': { kind: 'anon', pages: 16_384, folios: [{ order: 6 }] },
  ...Object.fromEntries(
    PAGE_COUNTS.map((pages) => [`W10/n${pages}`, { kind: 'anon', pages } satisfies VmaInput]),
  ),
}

/** What each workload tears down, in words. (Made when asked for: Intl takes a tenth of the time that a command takes to start.) */
export function workloadWords(): Readonly<Record<string, string>> {
  return {
    'W0/munmap_untouched': 'munmap of 1,024 pages that were never touched',
    'W0/exit': 'exit of a process without a mapping of its own',
    'W1/munmap': 'munmap of 1,024 order-0 pages',
    'W2/munmap': 'munmap of 65,536 order-0 pages',
    'W4/munmap': 'munmap of 64 PMD-mapped THPs',
    'W5/munmap': 'munmap of 64 THPs mapped by PTEs',
    'W13/order2': 'munmap of 4,096 folios of order 2',
    'W13/order6': 'munmap of 256 folios of order 6',
    ...Object.fromEntries(
      PAGE_COUNTS.map((pages) => [
        `W10/n${pages}`,
        `munmap of ${pages.toLocaleString('en')} pages`,
      ]),
    ),
  }
}

/** What a scenario does not know of its workload, for those of which that matters. */
export const FITTED: Readonly<Record<string, string>> = {
  'W0/exit':
    "the layout of the program's own image was not recorded: one of plausible shape was fitted to these counts, so that " +
    'their agreement shows that the rules can give them, and no more',
}

/** The scenario of a workload under a kernel; undefined: there is no such workload. */
export function workloadScenario(workload: string, kernel: RealKernel): Scenario | undefined {
  if (workload === 'W0/exit') {
    const { folios, vmas } = exitImage(kernel)
    return parseScenario({ ...worker(kernel, vmas, 'exit'), name: workload, folios })
  }
  const mapping = MAPPINGS[workload]
  if (mapping === undefined) return undefined
  const vmas: VmaInput[] = [
    { ...mapping, start: MAPPING_START },
    // the program goes on: three pages that are touched after the mapping, and stay
    { kind: 'anon', pages: 3, start: PROGRAM_START },
  ]
  const teardown: TeardownInput = [{ munmap: { vma: 0, pages: mapping.pages } }]
  return parseScenario({ ...worker(kernel, vmas, teardown), name: workload })
}

function worker(kernel: RealKernel, vmas: VmaInput[], teardown: TeardownInput): ScenarioInput {
  return {
    schema: 'mmgather/scenario@1',
    strategy: `linux-${kernel}`,
    machine: MACHINE,
    processes: [{ name: 'worker', memcg: 'worker', lruAdd: 'pending', vmas, teardown }],
  }
}
