/**
 * The rules that tie several keys together: each with its exact message.
 */
import { describe, expect, test } from 'vitest'

import type { FileObjectInput, VmaInput } from '../../src/scenario/input.ts'
import { groupsOf, messageOf, problemsOf, scenarioOf, vmasOf } from './support.ts'

const THP = [{ order: 9 }]

describe('files', () => {
  const files: FileObjectInput[] = [
    { name: 'libc', pages: 100 },
    { name: 'libm', pages: 8 },
  ]
  const mapping = (vma: { file: string; offset?: number; pages: number }) =>
    vmasOf([{ kind: 'file', ...vma }], { files })

  test('names are unique', () => {
    expect(messageOf(scenarioOf({ files: [...files, { name: 'libc', pages: 1 }] }))).toBe(
      'files[2].name: is already the name of files[0] (got "libc")',
    )
  })

  test('a mapping names a file that exists', () => {
    expect(messageOf(mapping({ file: 'lbc', pages: 1 }))).toBe(
      'processes[0].vmas[0].file: there is no such file (got "lbc"); allowed one of libc, libm; did you mean libc?',
    )
    expect(messageOf(mapping({ file: 'other', pages: 1 }))).toBe(
      'processes[0].vmas[0].file: there is no such file (got "other"); allowed one of libc, libm; declare it under files',
    )
    expect(messageOf(vmasOf([{ kind: 'file', file: 'a', pages: 1 }]))).toBe(
      'processes[0].vmas[0].file: there is no such file (got "a"); declare it under files',
    )
  })

  test('a mapping ends within its file', () => {
    expect(messageOf(mapping({ file: 'libc', offset: 50, pages: 51 }))).toBe(
      'processes[0].vmas[0].pages: the mapping ends past the end of its file: offset 50 + pages 51 = 101, but libc has 100 pages (got 51); allowed at most 50 at this offset',
    )
    expect(messageOf(mapping({ file: 'libc', offset: 100, pages: 1 }))).toBe(
      'processes[0].vmas[0].offset: the mapping ends past the end of its file: offset 100 + pages 1 = 101, but libc has 100 pages (got 100); allowed an offset below 100',
    )
    expect(problemsOf(mapping({ file: 'libc', offset: 50, pages: 50 }))).toEqual([])
  })
})

describe('sections', () => {
  const sections = (sectionPlacement: number[], sectionSizeBits = 16) => ({
    memmap: 'sparsemem' as const,
    sectionSizeBits,
    sectionPlacement,
  })

  test('each is placed once', () => {
    expect(messageOf(scenarioOf({ machine: sections([0, 2, 1, 2]) }))).toBe(
      'machine.sectionPlacement[3]: is named already, at 1 (got 2); allowed each section once',
    )
    expect(problemsOf(scenarioOf({ machine: sections([0, 2, 1]) }))).toEqual([])
  })

  test('faults allocate blocks of a section', () => {
    const faults = (order: number, sectionSizeBits: number) =>
      scenarioOf({
        machine: sections([0], sectionSizeBits),
        processes: [{ program: [{ mmap: { pages: 64, order } }] }],
      })
    expect(messageOf(faults(5, 16))).toBe(
      'processes[0].program[0].mmap.order: is larger than a section, from which no block can come (got 5); allowed at most 4',
    )
    expect(problemsOf(faults(4, 16))).toEqual([])
    const lists = [{ order: 9 as const, count: 1 }]
    expect(messageOf(scenarioOf({ machine: { ...sections([0]), pcp: { lists } } }))).toBe(
      'machine.pcp.lists[0].order: is larger than a section, from which no block can come (got 9); allowed at most 4',
    )
    expect(problemsOf(faults(9, 21))).toEqual([])
  })
})

describe('the address space', () => {
  const at = (start: string, pages: number): VmaInput => ({ kind: 'anon', start, pages })

  test('VMAs do not overlap', () => {
    expect(messageOf(vmasOf([at('0x10000', 16), at('0x1f000', 1)]))).toBe(
      'processes[0].vmas[1].start: the VMA overlaps vmas[0], which covers 0x10000 to 0x20000 (got "0x1f000"); leave start out to have it placed',
    )
    expect(messageOf(vmasOf([at('0x1f000', 1), at('0x10000', 16)]))).toMatch(
      /^processes\[0\]\.vmas\[1\]\.start: the VMA overlaps vmas\[0\], which covers 0x1f000 to 0x20000/,
    )
    expect(problemsOf(vmasOf([at('0x10000', 16), at('0x20000', 1)]))).toEqual([])
  })

  test('one VMA inside a large one hides no later overlap', () => {
    const message = messageOf(vmasOf([at('0x0', 100), at('0x1000', 1), at('0x3000', 1)]))
    expect(message.split('\n').length).toBe(2)
    expect(message).toMatch(/vmas\[2\]\.start: the VMA overlaps vmas\[0\]/)
  })

  test('ends at 47 bits', () => {
    expect(messageOf(vmasOf([at('0x7ffffffff000', 2)]))).toBe(
      'processes[0].vmas[0].start: the VMA ends at 0x800000001000, past the user address space (got "0x7ffffffff000"); allowed an end of at most 0x800000000000',
    )
  })

  test('uses at most 16 regions of 512 GiB', () => {
    const regions = (n: number) =>
      vmasOf(Array.from({ length: n }, (_, i) => at(`0x${(i * 2 ** 39).toString(16)}`, 1)))
    expect(problemsOf(regions(16))).toEqual([])
    expect(messageOf(regions(17))).toBe(
      'processes[0].vmas: lie in 17 different regions of 512 GiB; allowed at most 16 regions in one process',
    )
  })
})

describe('mapped: pmd', () => {
  const pmd = (vma: Partial<VmaInput>) =>
    vmasOf([{ kind: 'anon', pages: 1024, folios: THP, mapped: 'pmd', ...vma } as VmaInput])
  const file = (folios: { order: number; count?: number }[], offset = 0) =>
    vmasOf([{ kind: 'file', file: 'f', offset, pages: 512, mapped: 'pmd' }], {
      files: [{ name: 'f', pages: 4096, folios }],
    })

  test('is fine with order-9 folios on PMD boundaries', () => {
    expect(problemsOf(pmd({}))).toEqual([])
    expect(problemsOf(pmd({ start: '0x200000' }))).toEqual([])
    expect(problemsOf(pmd({ holes: { every: 1024, length: 512 } }))).toEqual([])
    expect(
      problemsOf(
        pmd({
          folios: [
            { order: 9, memcg: 'a' },
            { order: 9, memcg: 'b' },
          ],
        }),
      ),
    ).toEqual([])
    expect(problemsOf(file(THP))).toEqual([])
    expect(problemsOf(file([{ order: 0, count: 512 }, { order: 9 }], 512))).toEqual([])
    expect(problemsOf(file([{ order: 0, count: 512 }, { order: 9 }], 1536))).toEqual([])
    expect(
      problemsOf(vmasOf([{ kind: 'device', pages: 512, folios: THP, mapped: 'pmd' }])),
    ).toEqual([])
  })

  test.each([
    [
      pmd({ pages: 1000 }),
      'processes[0].vmas[0].pages: is not a whole number of PMDs, but the VMA is mapped: pmd (got 1000); allowed a multiple of 512; the next are 512 and 1024',
    ],
    [
      pmd({ pages: 5 }),
      'processes[0].vmas[0].pages: is not a whole number of PMDs, but the VMA is mapped: pmd (got 5); allowed a multiple of 512; the next is 512',
    ],
    [
      pmd({ start: '0x201000' }),
      'processes[0].vmas[0].start: is not on a 2 MiB boundary, but the VMA is mapped: pmd (got "0x201000"); allowed a multiple of 0x200000',
    ],
    [
      pmd({ folios: [{ order: 3 }, { order: 10 }] }),
      'processes[0].vmas[0].folios: mapped: pmd needs folios of order 9 only, here is order 3, 10; allowed folios: [{ order: 9 }]',
    ],
    [
      pmd({ holes: { every: 512 } }),
      'processes[0].vmas[0].holes: picks part of a PMD, but the VMA is mapped: pmd; allowed none, all or multiples of 512 pages',
    ],
    [
      pmd({ kind: 'zero', folios: undefined } as Partial<VmaInput>),
      'processes[0].vmas[0].folios: unknown key; allowed kind, pages, start, label, holes, swap, migration, young, dirty, locked, recency, mappedByOthers, mapped, tableMemcg, runs, swapRuns',
    ],
    [
      vmasOf([{ kind: 'zero', pages: 512, mapped: 'pmd' }]),
      'processes[0].vmas[0].mapped: a VMA of kind zero is mapped by PTEs (got "pmd"); allowed pte; the huge zero page is kind anon with hugeZero',
    ],
    [
      vmasOf([{ kind: 'pfnmap', pages: 512, mapped: 'pmd' }]),
      'processes[0].vmas[0].mapped: a VMA of kind pfnmap is mapped by PTEs (got "pmd"); allowed pte',
    ],
    [
      file([{ order: 8 }]),
      'processes[0].vmas[0].mapped: pmd needs folios of order 9 in pages 0 to 511 of file f (got "pmd"); allowed pte with these folios',
    ],
    [
      file([{ order: 9 }, { order: 0, count: 512 }], 512),
      'processes[0].vmas[0].mapped: pmd needs folios of order 9 in pages 512 to 1023 of file f (got "pmd"); allowed pte with these folios',
    ],
    [
      file([{ order: 0, count: 4 }, { order: 9 }], 512),
      'processes[0].vmas[0].mapped: pmd needs folios of order 9 in pages 512 to 1023 of file f (got "pmd"); allowed pte with these folios',
    ],
    [
      file(THP, 8),
      'processes[0].vmas[0].offset: is not a whole number of PMDs, but the VMA is mapped: pmd (got 8); allowed a multiple of 512',
    ],
    [
      vmasOf([{ kind: 'anon', pages: 512, hugeZero: 'all' }]),
      'processes[0].vmas[0].hugeZero: needs mapped: pmd; allowed none where mapped is pte',
    ],
  ])('%#', (input, message) => {
    expect(messageOf(input)).toBe(message)
  })
})

describe('device memory and swap', () => {
  test('orders of device folios', () => {
    const device = (order: number, memory: 'coherent' | 'fsdax' | 'private') =>
      vmasOf([{ kind: 'device', pages: 1024, folios: [{ order }], memory }])
    expect(problemsOf(device(9, 'fsdax'))).toEqual([])
    expect(problemsOf(device(0, 'private'))).toEqual([])
    expect(messageOf(device(10, 'coherent'))).toBe(
      'processes[0].vmas[0].folios[0].order: is too large for device memory of kind coherent (got 10); allowed an integer from 0 to 9',
    )
    expect(messageOf(device(1, 'private'))).toBe(
      'processes[0].vmas[0].folios[0].order: is too large for device memory of kind private (got 1); allowed 0',
    )
  })

  test('a kernel without swap has nothing swapped', () => {
    const input = vmasOf([{ kind: 'anon', pages: 8, swap: { every: 2 }, swapcache: 'all' }], {
      machine: { swap: false },
    })
    expect(messageOf(input)).toBe(
      [
        'processes[0].vmas[0].swap: needs a kernel with swap, but machine.swap is false; leave it out, or set machine.swap: true',
        'processes[0].vmas[0].swapcache: needs a kernel with swap, but machine.swap is false; leave it out, or set machine.swap: true',
      ].join('\n'),
    )
  })
})

describe('teardown', () => {
  const munmap = (vma: number, from: number, pages: number) => ({ munmap: { vma, from, pages } })

  test('steps stay within the VMAs of the process', () => {
    const input = scenarioOf({
      teardown: [munmap(0, 0, 16), munmap(0, 8, 9), munmap(1, 0, 1), 'exit'],
    })
    expect(messageOf(input)).toBe(
      [
        'teardown[1].munmap.pages: goes past the end of processes[0].vmas[0]: from 8 + pages 9 = 17, but it has 16 pages (got 9)',
        'teardown[2].munmap.vma: processes[0] (p) has no such VMA (got 1); allowed 0',
      ].join('\n'),
    )
  })

  test("a group's own steps count for that group, the scenario's for the others", () => {
    const vmas: VmaInput[] = [{ kind: 'anon', pages: 4 }]
    const input = {
      ...groupsOf([
        { name: 'a', vmas, teardown: [munmap(2, 0, 1)] },
        { name: 'b', vmas: [...vmas, ...vmas, ...vmas] },
        { name: 'c', vmas: [...vmas, ...vmas] },
        { name: 'd', vmas },
      ]),
      teardown: [munmap(2, 0, 1)],
    }
    expect(messageOf(input)).toBe(
      [
        'processes[0].teardown[0].munmap.vma: processes[0] (a) has no such VMA (got 2); allowed 0',
        'teardown[0].munmap.vma: processes[2] (c) has no such VMA (got 2); allowed an integer from 0 to 1',
      ].join('\n'),
    )
  })

  test('exit comes last', () => {
    expect(messageOf(scenarioOf({ teardown: ['exit', munmap(0, 0, 1)] }))).toBe(
      'teardown[0]: exit must be the last step',
    )
    expect(problemsOf(scenarioOf({ teardown: [munmap(0, 0, 1), 'exit'] }))).toEqual([])
  })
})

describe('totals', () => {
  test('page frames', () => {
    const input = {
      ...groupsOf([
        {
          count: 4,
          share: 2,
          vmas: [
            { kind: 'anon', pages: 2 ** 23 },
            { kind: 'zero', pages: 2 ** 24 },
          ],
        },
      ]),
      files: [{ name: 'f', pages: 5, folios: [{ order: 2 }] }],
    }
    expect(messageOf(input)).toBe(
      'needs 16777224 pages of memory (64 GiB), most of it for processes[0].vmas[0] 16777216, files[0] 8; allowed at most 16777216 pages (64 GiB); take fewer processes or pages, or let more processes share',
    )
    expect(problemsOf({ ...input, files: [] })).toEqual([])
  })

  test('processes', () => {
    const vmas: VmaInput[] = [{ kind: 'zero', pages: 1 }]
    expect(
      messageOf(
        groupsOf([
          { count: 60_000, vmas },
          { count: 60_000, vmas },
        ]),
      ),
    ).toBe('processes: are 120000 processes in all; allowed at most 100000')
  })

  test('memcgs, parents included', () => {
    const groups = (n: number) =>
      groupsOf(
        Array.from({ length: n }, (_, i) => ({
          memcg: `top/m${i}`,
          vmas: [{ kind: 'zero' as const, pages: 1 }],
        })),
      )
    expect(problemsOf(groups(3999))).toEqual([])
    expect(messageOf(groups(4000))).toBe(
      'names 4001 memcgs; allowed at most 4000, parents included',
    )
  })
})

describe('machine and tunables', () => {
  test.each([
    [
      scenarioOf({ machine: { pcp: { highMin: 9, highMax: 8 } } }),
      'machine.pcp.highMin: is more than highMax (got 9); allowed at most 8',
    ],
    [
      scenarioOf({ tunables: { needReschedEvery: 1 } }),
      'tunables.needReschedEvery: leaves no time to clear a PTE (got 1); allowed 0, or 2 or more',
    ],
    [
      scenarioOf({ tunables: { needReschedEvery: 3, needReschedMean: 4 } }),
      'tunables.needReschedMean: stands beside needReschedEvery (got 4); allowed 0, or needReschedEvery: 0',
    ],
  ])('%#', (input, message) => {
    expect(messageOf(input)).toBe(message)
  })
})
