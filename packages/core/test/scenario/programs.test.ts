/**
 * Programs in scenario files: numbering and addresses of VMAs, what is refused, what flags change.
 */
import { describe, expect, test } from 'vitest'

import type { ProcessGroupInput, ProgramStepInput, VmaInput } from '../../src/scenario/input.ts'
import { FIRST_START } from '../../src/scenario/limits.ts'
import { overrideScenario } from '../../src/scenario/overrides.ts'
import { parseScenario, parseScenarioText } from '../../src/scenario/parse-scenario.ts'
import { presetScenario } from '../../src/scenario/presets.ts'
import { programVmas } from '../../src/scenario/program.ts'
import { errorOf, groupsOf, messageOf, problemsOf, scenarioOf } from './support.ts'

const anon = (pages: number, keys: object = {}): VmaInput => ({ kind: 'anon', pages, ...keys })
const program = (steps: ProgramStepInput[], vmas: VmaInput[] = []) =>
  groupsOf([{ name: 'p', vmas, program: steps }])
/** Not typed: the step is wrong on purpose. */
const wrong = (step: unknown): string =>
  messageOf({ ...scenarioOf(), processes: [{ program: [step] }] })

describe('VMAs of mmap steps', () => {
  const vmasOf = (group: ProcessGroupInput) => {
    const [parsed] = parseScenario(groupsOf([group])).processes
    return parsed === undefined ? [] : programVmas(parsed)
  }

  test('are numbered in order of appearance, children included, behind those of the process', () => {
    const vmas = vmasOf({
      memcg: 'a',
      vmas: [anon(3)],
      program: [
        { mmap: { pages: 10, memcg: 'b' } },
        { fork: { program: [{ mmap: { pages: 20, order: 3 } }] } },
        { repeat: { times: 2, steps: [{ mmap: { pages: 30 } }, { munmap: { vma: 3 } }] } },
      ],
    })
    expect(
      vmas.map(({ pages, order, memcg, ofChild }) => ({ pages, order, memcg, ofChild })),
    ).toEqual([
      { pages: 3, order: 0, memcg: 'a', ofChild: false },
      { pages: 10, order: 0, memcg: 'b', ofChild: false },
      { pages: 20, order: 3, memcg: 'a', ofChild: true },
      { pages: 30, order: 0, memcg: 'a', ofChild: false },
    ])
  })

  test('lie at the first free 2 MiB boundary', () => {
    const at = (page: number): string => `0x${((FIRST_START + page) * 4096).toString(16)}`
    const vmas = vmasOf({
      vmas: [anon(600), { ...anon(100), start: at(2048) }, { ...anon(1), start: '0x7ffffffa0000' }],
      program: [{ mmap: { pages: 513 } }, { mmap: { pages: 1024 } }, { mmap: { pages: 1 } }],
    })
    expect(vmas.slice(3).map(({ start }) => start - FIRST_START)).toEqual([
      // 513 pages fill 1024 to 2047 up, 1024 do not fit before 2048
      1024, 2560, 3584,
    ])
  })

  test('that need too many regions are refused', () => {
    const maps = Array.from({ length: 129 }, () => ({ mmap: { pages: 2 ** 24 } }))
    expect(messageOf(program(maps))).toBe(
      'processes[0].program: maps memory so that the process has 17 different regions of 512 GiB; allowed at most 16 regions in one process',
    )
  })
})

describe('the form', () => {
  test('a step has one key', () => {
    expect(wrong({})).toBe(
      'processes[0].program[0]: must have exactly one key; allowed one of mmap, touch, munmap, delay, fork, repeat, reclaim, access, dontneed, writeback, splitScan',
    )
    expect(wrong({ delay: { ns: 1 }, mmap: { pages: 1 } })).toMatch(/must have exactly one key/)
  })

  test('unknown steps and keys come with a suggestion, wherever they stand', () => {
    expect(wrong({ mmapp: { pages: 1 } })).toBe(
      'processes[0].program[0].mmapp: unknown key; allowed mmap, touch, munmap, delay, fork, repeat, reclaim, access, dontneed, writeback, splitScan; did you mean mmap?',
    )
    expect(
      wrong({ repeat: { times: 2, steps: [{ fork: { program: [{ touch: { vam: 0 } }] } }] } }),
    ).toMatch(
      /^processes\[0\]\.program\[0\]\.repeat\.steps\[0\]\.fork\.program\[0\]\.touch\.vam: unknown key; .*did you mean vma\?/m,
    )
    expect(wrong({ mmap: { pages: 1, order: 10 } })).toBe(
      'processes[0].program[0].mmap.order: is too large (got 10); allowed an integer from 0 to 9',
    )
  })

  test('mistakes have their line', () => {
    const text = `schema: mmgather/scenario@1
processes:
  - program:
      - mmap: { pages: 4 }
      - repeat:
          times: 2
          steps:
            - touch: { vma: 7 }
`
    expect(errorOf(() => parseScenarioText(text)).message).toBe(
      '8:29: processes[0].program[1].repeat.steps[0].touch.vma: the process has no such VMA (got 7); allowed 0',
    )
  })

  test('a process has VMAs or a program', () => {
    expect(messageOf(groupsOf([{}]))).toMatch(/^processes\[0\]\.vmas: is missing/)
    expect(problemsOf(program([{ delay: { ns: 1 } }]))).toEqual([])
  })
})

describe('what is mapped when', () => {
  test.each<[string, ProgramStepInput[], RegExp]>([
    ['before it is mapped', [{ touch: { vma: 0 } }, { mmap: { pages: 5 } }], /not all mapped/],
    [
      'a part that was unmapped',
      [{ mmap: { pages: 9 } }, { munmap: { vma: 0, from: 3, pages: 2 } }, { touch: { vma: 0 } }],
      /^processes\[0\]\.program\[2\]\.touch: pages 0 to 9 of VMA 0 are not all mapped/,
    ],
    [
      'past the end',
      [{ mmap: { pages: 9 } }, { touch: { vma: 0, from: 3, pages: 7 } }],
      /touch\.pages: goes past the end of VMA 0, which has 9 pages \(got 7\); allowed at most 6/,
    ],
    [
      'from beyond the end',
      [{ mmap: { pages: 9 } }, { munmap: { vma: 0, from: 9 } }],
      /munmap\.from: goes past the end of VMA 0, which has 9 pages \(got 9\); allowed at most 8/,
    ],
    [
      'by a child only',
      [{ fork: { program: [{ mmap: { pages: 9 } }] } }, { touch: { vma: 0 } }],
      /not all mapped/,
    ],
    [
      'twice without munmap',
      [{ repeat: { times: 2, steps: [{ mmap: { pages: 9 } }] } }],
      /repeat\.steps\[0\]\.mmap: VMA 0 is still mapped when the step is repeated; unmap it/,
    ],
  ])('%s', (_what, steps, message) => {
    expect(messageOf(program(steps))).toMatch(message)
  })

  test('what a child unmaps stays with its parent', () => {
    const child: ProgramStepInput[] = [{ touch: { vma: 0 } }, { munmap: { vma: 0 } }]
    expect(
      problemsOf(
        program([{ mmap: { pages: 9 } }, { fork: { program: child } }, { touch: { vma: 0 } }]),
        program([{ repeat: { times: 1, steps: [{ mmap: { pages: 9 } }] } }, { touch: { vma: 0 } }]),
        program([{ munmap: { vma: 0, pages: 2 } }, { touch: { vma: 0, from: 2 } }], [anon(5)]),
      ),
    ).toEqual([])
  })
})

describe('what is not modelled', () => {
  test.each<[string, VmaInput]>([
    ['of kind zero', { kind: 'zero', pages: 600 }],
    ['one with mapped: pmd', anon(512, { folios: [{ order: 9 }], mapped: 'pmd' })],
    ['one with swap entries', anon(5, { swap: 'all' })],
    ['one with migration entries', anon(5, { migration: { every: 2 } })],
    ['locked', anon(5, { locked: true })],
  ])('touching a VMA %s', (what, vma) => {
    expect(messageOf(program([{ touch: { vma: 0 } }], [vma]))).toMatch(
      `processes[0].program[0].touch.vma: faults of a VMA that is ${what} are not modelled`,
    )
  })

  test('forking with huge or swapped memory', () => {
    const fork: ProgramStepInput = { fork: { program: [{ delay: { ns: 1 } }] } }
    expect(messageOf(program([fork], [anon(4), anon(5, { swap: 'all' })]))).toMatch(
      /^processes\[0\]\.program\[0\]\.fork: cannot copy vmas\[1\], which has swap entries/,
    )
    expect(problemsOf(program([fork], [{ kind: 'zero', pages: 9, swap: 'all' }]))).toEqual([])
  })

  test('a child that forks or reclaims', () => {
    const fork = (step: ProgramStepInput): ProgramStepInput => ({ fork: { program: [step] } })
    expect(messageOf(program([fork(fork({ delay: { ns: 1 } }))]))).toBe(
      'processes[0].program[0].fork.program[0].fork: a forked child does not fork again',
    )
    expect(messageOf(program([fork({ reclaim: { memcg: 'main', rounds: 1 } })]))).toMatch(
      /reclaim: a forked child does not reclaim$/,
    )
  })

  test('steps nested too deep', () => {
    let steps: ProgramStepInput[] = [{ delay: { ns: 1 } }]
    for (let i = 0; i < 8; i++) steps = [{ repeat: { times: 1, steps } }]
    expect(problemsOf(program(steps))).toEqual([])
    expect(messageOf(program([{ repeat: { times: 1, steps } }]))).toMatch(
      /is nested 9 deep; allowed at most 8/,
    )
  })

  test('the memcg of nothing', () => {
    const reclaim = (memcg: string) => program([{ reclaim: { memcg, rounds: 1 } }])
    expect(messageOf(reclaim('mian'))).toBe(
      'processes[0].program[0].reclaim.memcg: there is no such memcg (got "mian"); allowed one of root, main; did you mean main?',
    )
    expect(problemsOf(reclaim('main'), reclaim('root'))).toEqual([])
  })

  test('a process that stays, and a reserve for page tables', () => {
    const steps: ProgramStepInput[] = [{ delay: { ns: 1 } }]
    const munmap = { munmap: { vma: 0, pages: 1 } }
    const group = { name: 'p', vmas: [anon(4)], program: steps }
    expect(messageOf(groupsOf([{ ...group, teardown: [munmap] }]))).toBe(
      'processes[0].teardown: a process with a program must exit, but processes[0] (p) only unmaps; end the list with exit',
    )
    expect(messageOf({ ...groupsOf([group]), teardown: [munmap] })).toMatch(/^teardown: /)
    expect(problemsOf(groupsOf([{ ...group, teardown: [munmap, 'exit'] }]))).toEqual([])
    expect(messageOf({ ...groupsOf([group]), machine: { gatherPages: 'reserve' } })).toMatch(
      /^machine\.gatherPages: .* \(got "reserve"\); allowed pcp/,
    )
  })
})

describe('background groups', () => {
  const fore: ProcessGroupInput = { vmas: [anon(4)] }
  const back: ProcessGroupInput = { background: true, program: [{ delay: { ns: 1 } }] }
  const withCpus = (cpus: number, ...groups: ProcessGroupInput[]) => ({
    ...groupsOf(groups),
    machine: { cpus },
  })

  test('stand last, beside others, with a CPU each', () => {
    expect(problemsOf(withCpus(2, fore, back), withCpus(4, fore, { ...back, count: 3 }))).toEqual(
      [],
    )
    expect(messageOf(withCpus(3, back, fore))).toMatch(
      /^processes\[1\]: stands behind processes\[0\], which is a background group/,
    )
    expect(messageOf(withCpus(2, back))).toMatch(/^processes\[0\]\.background: there is nothing/)
    expect(messageOf(withCpus(3, fore, { ...back, count: 3 }))).toMatch(
      /^machine\.cpus: are too few for 3 background processes.* \(got 3\); allowed at least 4$/,
    )
  })
})

describe('flags', () => {
  test('--pages, --order and --processes of a group that maps by a program', () => {
    const changed = overrideScenario(presetScenario('page-fault2'), {
      pages: 100,
      order: 3,
      processes: 7,
    })
    expect(changed.processes[0]).toMatchObject({
      count: 7,
      program: [
        {
          repeat: {
            steps: [
              { mmap: { pages: 100, order: 3 } },
              { touch: { vma: 0 } },
              { munmap: { vma: 0 } },
            ],
          },
        },
      ],
    })
  })

  test('leave background groups alone', () => {
    const changed = overrideScenario(presetScenario('page-fault2-reclaim'), {
      processes: 3,
      pages: 64,
      cpus: 4,
    })
    expect(changed.processes.map(({ count }) => count)).toEqual([3, 1])
    expect(errorOf(() => overrideScenario(changed, { cpus: 1 })).message).toMatch(
      /^machine\.cpus: are too few/,
    )
  })

  test('are refused where they would guess', () => {
    const two = parseScenario(program([{ mmap: { pages: 5 } }, { mmap: { pages: 6 } }]))
    expect(errorOf(() => overrideScenario(two, { pages: 4 })).message).toMatch(
      /^pages: needs exactly one anonymous VMA in each process, but processes\[0\] has mmap 5, mmap 6/,
    )
    expect(
      errorOf(() => overrideScenario(presetScenario('page-fault2'), { mapped: 'pmd' })).message,
    ).toMatch(/^mapped: /)
    expect(
      errorOf(() => overrideScenario(presetScenario('page-fault2-reclaim'), { lruvecs: 2 }))
        .message,
    ).toMatch(/^lruvecs: needs programs that name no memcgs, but processes\[1\]\.program\[0\] does/)
  })

  test('--lruvecs charges processes to memcgs of their own; --teardown munmap still exits', () => {
    const changed = overrideScenario(presetScenario('page-fault2'), { lruvecs: 2 })
    expect(changed.processes.map(({ memcg }) => memcg)).toEqual(['m0', 'm1'])
    const unmapped = overrideScenario(presetScenario('kernel-build-loop'), { teardown: 'munmap' })
    expect(unmapped.processes[0]?.teardown?.at(-1)).toBe('exit')
  })
})

describe('steps on memory of other processes', () => {
  const groups = (step: ProgramStepInput, first: VmaInput = anon(4)) =>
    groupsOf([{ vmas: [first] }, { program: [step] }])
  const file: VmaInput = { kind: 'file', file: 'f', pages: 4 }
  const withFile = (step: ProgramStepInput) => ({
    ...groups(step, file),
    files: [{ name: 'f', pages: 4, folios: [{ order: 0, count: 1 }] }],
  })

  test('name a process of an earlier group, and pages that it has from the start', () => {
    expect(
      problemsOf(groups({ access: { process: 0 } }), groups({ dontneed: { process: 0 } })),
    ).toEqual([])
    expect(problemsOf(withFile({ writeback: { process: 0, from: 3 } }))).toEqual([])
    expect(messageOf(groups({ access: { process: 1 } }))).toBe(
      'processes[1].program[0].access.process: is no process of an earlier group (got 1); allowed 0 to 0',
    )
    expect(messageOf(groups({ access: { process: 0, vma: 1 } }))).toBe(
      'processes[1].program[0].access.vma: is no VMA of the process (got 1); allowed 0 to 0',
    )
    expect(messageOf(groups({ dontneed: { process: 0, from: 2, pages: 3 } }))).toBe(
      'processes[1].program[0].dontneed: ends at page 5, and the VMA has 4 pages',
    )
    expect(messageOf(groups({ writeback: { process: 0 } }))).toBe(
      'processes[1].program[0].writeback.vma: of kind anon has nothing to write back (got 0); allowed a VMA of kind file',
    )
  })

  test('are not for forked children', () => {
    expect(messageOf(program([{ fork: { program: [{ dontneed: {} }] } }], [anon(1)]))).toBe(
      'processes[0].program[0].fork.program[0].dontneed: a forked child does not do that',
    )
  })
})
