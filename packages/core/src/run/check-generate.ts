/**
 * Worlds of a check made from a seed: two or three CPUs that meet at one folio in ways that nobody thought of.
 *
 * A folio of order 0 to 3 (or a PMD's), anonymous or of a file, mapped by one or two processes at offsets of its pages, which
 * exit, unmap a part, fault or fork; beside them, if there is a CPU left, a second gather on the same mm, a user thread,
 * reclaim or the deferred-split shrinker. Batches, bundle and chunks are of a few slots. Invariant: a world follows from its
 * seed alone, so its name is all that is needed to make it again.
 */

import { Prng } from '../lib/prng.ts'
import type { FileVmaInput, ProcessGroupInput, ScenarioInput, VmaInput } from '../scenario/input.ts'
import type { CheckWorld } from './check-world.ts'

type World = ReturnType<CheckWorld['input']>
type Program = NonNullable<ProcessGroupInput['program']>
type Draw = (n: number) => number

const NAME = /^seed-(0|[1-9]\d{0,9})$/
const SEED_MAX = 2 ** 31 - 1
const PMD_PAGES = 512

/** What meets what: the mapping side of a world. */
interface Shape {
  readonly isFile: boolean
  readonly order: number
  readonly pages: number
}

/** The world of a seed, a whole number below 2^31. */
export function generateCheckWorld(seed: number): CheckWorld {
  return {
    name: `seed-${seed}`,
    summary: 'made from its seed',
    findings: findingsOf(worldOf(seed)),
    input: () => worldOf(seed),
  }
}

/** Of docs/findings.md, what may show in a world: of dirty file pages under v6.1, of the shrinker under every strategy. */
function findingsOf({ processes }: World): CheckWorld['findings'] {
  const programs = processes.flatMap(({ program = [] }) => program)
  if (programs.some((step) => typeof step !== 'string' && 'splitScan' in step))
    return { '*': 'data-race' }
  const vmas = processes.flatMap((each) => each.vmas ?? [])
  return vmas.some((vma) => 'dirty' in vma) ? { 'linux-6.1': 'rmap-before-flush' } : {}
}

/** The generated world of this name; undefined: it is not the name of one. */
export function parseGeneratedWorld(name: string): CheckWorld | undefined {
  const seed = Number(NAME.exec(name)?.[1] ?? Number.NaN)
  return seed <= SEED_MAX ? generateCheckWorld(seed) : undefined
}

function worldOf(seed: number): World {
  const draw = drawFrom(seed)
  const shape = shapeOf(draw)
  const nrMappers = 1 + draw(2)
  const processes: ProcessGroupInput[] = []
  for (let i = 0; i < nrMappers; i++) processes.push(mapper(draw, shape))
  if (nrMappers === 1 || draw(3) === 0) processes.push(actor(draw, shape))
  const cpus = processes.length
  // whoever else runs may have the first mm in its TLB
  processes[0] = { ...processes[0], cpumask: cpus }
  const { order, isFile } = shape
  const memcg = 'root'
  return {
    seed: 1,
    machine: { cpus, pcp: { count: 2, high: 65536 } },
    tunables: {
      mmuGatherBundle: 2 + draw(3),
      maxGatherBatch: 3 + draw(3),
      maxGatherBatchCount: 1 + draw(2),
      deferredSplit: 'large',
    },
    ...(isFile
      ? { files: [{ name: 'f', pages: 2 ** order, folios: [{ order, count: 1 }], memcg }] }
      : { folios: [{ id: 0, order, kind: 'anon', memcg }] }),
    processes,
  } satisfies Partial<ScenarioInput>
}

function drawFrom(seed: number): Draw {
  const prng = new Prng(seed)
  return (n) => prng.below(n)
}

function shapeOf(draw: Draw): Shape {
  const isFile = draw(2) === 0
  // large anonymous folios are of 4 pages at least
  const orders = isFile ? [0, 1, 2, 3] : [0, 2, 3]
  const order = draw(8) === 0 ? 9 : (orders[draw(orders.length)] as number)
  return { isFile, order, pages: 2 ** order }
}

/** A process that maps a part of the folio, and what it does with it. */
function mapper(draw: Draw, shape: Shape): ProcessGroupInput {
  const { pages } = shape
  const isPmd = pages === PMD_PAGES && draw(2) === 0
  const nr = isPmd ? pages : 1 + draw(Math.min(pages, 4))
  const from = isPmd ? 0 : draw(pages - nr + 1)
  const vmas: VmaInput[] = [
    shape.isFile ? fileVma(draw, from, nr, isPmd) : anonVma(from, nr, isPmd),
  ]
  const process: ProcessGroupInput = { memcg: 'root', vmas }
  const what = draw(5)
  if (what === 0 && nr > 1)
    return {
      ...process,
      teardown: [{ munmap: { vma: 0, from: 0, pages: 1 + draw(nr - 1) } }, 'exit'],
    }
  if (what === 1 && !shape.isFile && !isPmd)
    return { ...process, program: [{ touch: { vma: 0, write: draw(2) === 0 } }] }
  if (what === 2 && !shape.isFile && pages === 1)
    return { ...process, program: [{ fork: { program: [{ touch: { vma: 0, write: false } }] } }] }
  return process
}

function anonVma(from: number, nr: number, isPmd: boolean): VmaInput {
  const mapped = isPmd ? ({ mapped: 'pmd' } as const) : { page: from }
  return { kind: 'anon', pages: nr, runs: [{ at: 0, pages: nr, folio: 0, ...mapped }] }
}

function fileVma(draw: Draw, from: number, nr: number, isPmd: boolean): VmaInput {
  const dirty: Partial<FileVmaInput> = draw(2) === 0 ? { dirty: 'all' } : { young: 'all' }
  const mapped: Partial<FileVmaInput> = isPmd ? { mapped: 'pmd' } : dirty
  return { kind: 'file', file: 'f', pages: nr, offset: from, ...mapped }
}

/** A CPU that does something to the memory of the first process. */
function actor(draw: Draw, { isFile, order }: Shape): ProcessGroupInput {
  const programs: Program[] = [
    [{ dontneed: { process: 0 } }],
    [{ access: { process: 0 } }],
    [{ reclaim: { memcg: 'root', rounds: 1 } }],
  ]
  // no writeback: its walk races with page tables that are freed; the kernel's rmap locks, taken by both, are not modelled
  if (!isFile && order > 0) programs.push([{ splitScan: { memcg: 'root' } }])
  return { memcg: 'root', vmas: [], program: programs[draw(programs.length)] as Program }
}
