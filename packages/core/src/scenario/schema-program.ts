/**
 * The schema of a program: what a process does before its teardown.
 *
 * A step is a map with one key (that it is one, check-program.ts checks), and not a union of maps, so that a mistake is
 * reported where it stands and not as "one of seven". Convention of `schema-leaves.ts`: error texts say what is allowed.
 */
import type * as z from 'zod'
import type { ProgramStepInput } from './input.ts'
import { INT32_MAX, MAX_PFNS, PMD_ORDER } from './limits.ts'
import type { ProgramStep } from './scenario.ts'
import { flag, int, list, map, memcg, pages } from './schema-leaves.ts'

const vma = int(0, 65535).describe(
  'Number of the VMA: those of the process, then the mmap steps in order of appearance.',
)
const from = int(0, MAX_PFNS).default(0).describe('First page within the VMA.')
const length = pages().exactOptional().describe('Absent: to the end of the VMA.')
const ns = int(0, INT32_MAX)
const process = int(0, 65535).describe('Number of a process of an earlier group.')
const firstVma = int(0, 65535).default(0).describe('Number of a VMA that is there from the start.')
const times = int(1, 1_000_000)

const step: z.ZodType<ProgramStep, ProgramStepInput> = map({
  mmap: map({
    pages: pages().describe('Length in pages.'),
    order: int(0, PMD_ORDER)
      .default(0)
      .describe('log2 of the pages in the folios that faults make.'),
    memcg: memcg().exactOptional().describe('Charged to this memcg; absent: that of the process.'),
  })
    .exactOptional()
    .describe('Adds a private anonymous VMA.'),
  touch: map({
    vma,
    from,
    pages: length,
    write: flag().default(true).describe('false: read faults, which map the zero page.'),
  })
    .exactOptional()
    .describe('Accesses pages in order; what is not there faults.'),
  munmap: map({ vma, from, pages: length }).exactOptional().describe('Unmaps part of a VMA.'),
  delay: map({ ns: ns.describe('Nanoseconds of user time.') })
    .exactOptional()
    .describe('User time.'),
  fork: map({
    // getters: the steps are not there yet
    get program() {
      return program.describe('What the child does before it exits.')
    },
  })
    .exactOptional()
    .describe('A child with a copy of the address space runs a program; the parent waits for it.'),
  repeat: map({
    times: times.describe('How often.'),
    get steps() {
      return program.describe('What is repeated.')
    },
  })
    .exactOptional()
    .describe('Steps several times.'),
  reclaim: map({
    memcg: memcg().describe('Whose inactive anonymous list.'),
    rounds: times.describe('Isolate, pause, put back: so often.'),
    pauseNs: ns.default(0).describe('Between isolating and putting back.'),
  })
    .exactOptional()
    .describe('Isolates folios in chunks and puts them back, as reclaim does.'),
  access: map({
    process,
    vma: firstVma,
    from,
    pages: length,
    write: flag().default(true).describe('false: reads.'),
  })
    .exactOptional()
    .describe('Another thread of a process accesses pages, up to the first that faults.'),
  dontneed: map({
    process: process.exactOptional().describe('Absent: this process.'),
    vma: firstVma,
    from,
    pages: length,
  })
    .exactOptional()
    .describe('MADV_DONTNEED: the pages go, the VMA stays.'),
  writeback: map({ process, vma: firstVma, from })
    .exactOptional()
    .describe('Cleans a mapped file page for writeback.'),
  splitScan: map({ memcg: memcg().describe('Whose deferred split queue.') })
    .exactOptional()
    .describe('A pass of the shrinker over a deferred split queue.'),
}).meta({ id: 'ProgramStep', minProperties: 1, maxProperties: 1 })

/** The steps of a program. */
export const program: z.ZodType<ProgramStep[], ProgramStepInput[]> = list(step, 1, 1000).meta({
  id: 'Program',
})
