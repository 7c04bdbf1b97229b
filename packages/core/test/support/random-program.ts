/**
 * Random programs: groups of processes that map, touch, fork, unmap, compute and reclaim, over VMAs that a fork can copy.
 *
 * Ideas are drawn first and turned into steps afterwards, when it is known which VMAs are mapped.
 */
import * as fc from 'fast-check'

import type {
  FolioPatternInput,
  ProcessGroupInput,
  ProgramStepInput,
  VmaInput,
} from '../../src/index.ts'

const memcg = fc.constantFrom('root', 'a', 'b', 'a/c')

interface MapIdea {
  kind: 'map'
  pages: number
  order: number
  memcg: string | undefined
  /** In thousandths of the VMA. */
  touches: { from: number; to: number; write: boolean }[]
  unmap: 'no' | 'middle' | 'all'
}

interface ForkIdea {
  kind: 'fork'
  maps: MapIdea[]
  /** What the child does with each VMA of its parent, in thousandths. */
  inherited: { from: number; to: number; write: boolean; unmap: boolean }[]
}

type Idea = MapIdea | ForkIdea | { kind: 'delay' } | { kind: 'reclaim'; memcg: string }

const part = { from: fc.nat({ max: 999 }), to: fc.nat({ max: 999 }), write: fc.boolean() }

const mapIdea: fc.Arbitrary<MapIdea> = fc.record({
  kind: fc.constant('map' as const),
  pages: fc.integer({ min: 1, max: 900 }),
  order: fc.constantFrom(0, 0, 0, 2, 3, 4, 9),
  memcg: fc.option(memcg, { nil: undefined }),
  touches: fc.array(fc.record(part), { maxLength: 3 }),
  unmap: fc.constantFrom('no' as const, 'middle' as const, 'all' as const),
})

const forkIdea: fc.Arbitrary<ForkIdea> = fc.record({
  kind: fc.constant('fork' as const),
  maps: fc.array(mapIdea, { maxLength: 2 }),
  inherited: fc.array(fc.record({ ...part, unmap: fc.boolean() }), { maxLength: 4 }),
})

const idea: fc.Arbitrary<Idea> = fc.oneof(
  { weight: 4, arbitrary: mapIdea },
  { weight: 3, arbitrary: forkIdea },
  { weight: 1, arbitrary: fc.constant({ kind: 'delay' as const }) },
  { weight: 1, arbitrary: memcg.map((name) => ({ kind: 'reclaim' as const, memcg: name })) },
)

/** A VMA that a fork can copy, and whose pages can be touched if it is anonymous. */
const plainVma: fc.Arbitrary<VmaInput> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('anon' as const),
      pages: fc.integer({ min: 1, max: 600 }),
      folios: fc.constantFrom<FolioPatternInput[]>(
        [{ order: 0 }],
        [{ order: 2, count: 3 }, {}],
        [{ order: 4 }],
      ),
      holes: fc.constantFrom('none' as const, { every: 3 }),
      swapcache: fc.constantFrom('none' as const, { every: 4 }),
      active: fc.constantFrom('none' as const, { every: 2 }),
      pinned: fc.constantFrom('none' as const, { every: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('file' as const),
      file: fc.constant('lib'),
      pages: fc.integer({ min: 1, max: 500 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'pfnmap' as const, pages: 40 }) },
)

/** VMAs that are mapped, by number. */
interface Live {
  vma: number
  pages: number
}

interface Build {
  next: number
  live: Live[]
}

function rangeOf(pages: number, { from, to }: { from: number; to: number }): [number, number] {
  const first = Math.floor((Math.min(from, to) * pages) / 1000)
  const last = Math.floor((Math.max(from, to) * pages) / 1000)
  return [first, last - first + 1]
}

function mapSteps(build: Build, one: MapIdea, must: boolean): ProgramStepInput[] {
  const vma = build.next++
  const { pages, order } = one
  const steps: ProgramStepInput[] = [
    { mmap: { pages, order, ...(one.memcg === undefined ? {} : { memcg: one.memcg }) } },
  ]
  for (const touch of one.touches) {
    const [from, nr] = rangeOf(pages, touch)
    steps.push({ touch: { vma, from, pages: nr, write: touch.write } })
  }
  if (one.unmap === 'middle' && pages > 2)
    steps.push({ munmap: { vma, from: Math.floor(pages / 3), pages: Math.ceil(pages / 3) } })
  if (one.unmap === 'all' || must) steps.push({ munmap: { vma } })
  if (one.unmap === 'no' && !must) build.live.push({ vma, pages })
  return steps
}

function forkStep(build: Build, one: ForkIdea): ProgramStepInput {
  const child: Build = { next: build.next, live: [...build.live] }
  const program: ProgramStepInput[] = []
  for (const [i, what] of one.inherited.entries()) {
    const of = build.live[i]
    if (of === undefined) continue
    const [from, pages] = rangeOf(of.pages, what)
    program.push({ touch: { vma: of.vma, from, pages, write: what.write } })
    if (what.unmap) program.push({ munmap: { vma: of.vma, from, pages } })
  }
  for (const map of one.maps) program.push(...mapSteps(child, map, false))
  build.next = child.next
  return { fork: { program: program.length > 0 ? program : [{ delay: { ns: 1 } }] } }
}

function stepsOf(build: Build, ideas: readonly Idea[], repeated: boolean): ProgramStepInput[] {
  return ideas.flatMap((one): ProgramStepInput[] => {
    if (one.kind === 'map') return mapSteps(build, one, repeated)
    if (one.kind === 'fork') return [forkStep(build, one)]
    if (one.kind === 'delay') return [{ delay: { ns: 1000 } }]
    // parents exist once they are mentioned
    return [{ reclaim: { memcg: one.memcg, rounds: 5 } }]
  })
}

/** Groups with a program. */
export const programGroup: fc.Arbitrary<ProcessGroupInput> = fc
  .record({
    count: fc.integer({ min: 1, max: 3 }),
    share: fc.integer({ min: 1, max: 2 }),
    memcg,
    vmas: fc.array(plainVma, { maxLength: 2 }),
    first: fc.array(idea, { minLength: 1, maxLength: 4 }),
    times: fc.integer({ min: 1, max: 3 }),
    repeated: fc.array(idea, { minLength: 1, maxLength: 3 }),
  })
  .map(({ first, times, repeated, ...group }) => {
    const build: Build = { next: group.vmas.length, live: [] }
    group.vmas.forEach(({ kind, pages }, vma) => {
      if (kind === 'anon') build.live.push({ vma, pages })
    })
    const before = build.live.map(({ vma }) => ({ touch: { vma } }))
    const program = [
      ...before.slice(1),
      ...stepsOf(build, first, false),
      { repeat: { times, steps: stepsOf(build, repeated, true) } },
      ...before,
    ]
    return { ...group, program, teardown: 'exit' as const }
  })
