/**
 * What becomes of each kind of mapping: flags, swap entries, special mappings, mappings too long for a scenario.
 */
import { describe, expect, test } from 'vitest'
import { entriesOf, folioFrames } from './fake-proc.ts'
import { captureVmas, notesWith, runsOf, vmasOf } from './support.ts'

const ANON = ['anon', 'swapbacked', 'lru']
const FIRST = 0x10000

describe('a VMA', () => {
  test('keeps its address, its path and the order of its keys', () => {
    const captured = captureVmas(
      [{ first: 0x7f0000000, pages: 16, path: '/usr/lib/lib: x, "y".so (deleted)' }],
      [],
    )
    const [vma] = vmasOf(captured)
    expect(vma).toEqual({
      kind: 'anon',
      start: '0x7f0000000000',
      pages: 16,
      label: '/usr/lib/lib: x, "y".so (deleted)',
      runs: [],
    })
    expect(Object.keys(vma ?? {})).toEqual(['kind', 'start', 'pages', 'label', 'runs'])
  })

  test.each([
    ['rd wr lo', { locked: true }],
    ['rd sr', { recency: false }],
    ['rd rr', { recency: false }],
    ['rd wr', {}],
  ])('with the flags %s', (vmFlags, expected) => {
    const captured = captureVmas([{ first: FIRST, pages: 1, vmFlags }], [])
    expect(vmasOf(captured)).toEqual([
      { kind: 'anon', start: '0x10000000', pages: 1, ...expected, runs: [] },
    ])
  })

  test('of a file, written to in part, holds pages of both kinds', () => {
    const entries = [...entriesOf(0, 80, 2, { file: true }), { at: 2, pfn: 90 }]
    const captured = captureVmas(
      [{ first: FIRST, pages: 3, path: '/usr/bin/x', entries }],
      [...folioFrames(80, 1, ['lru']), ...folioFrames(90, 0, ANON)],
    )
    expect(vmasOf(captured)[0]?.kind).toBe('anon')
    expect(captured.scenario.folios).toMatchObject([
      { id: 0, order: 1, kind: 'file' },
      { id: 1, order: 0, kind: 'anon' },
    ])
    expect(runsOf(captured)).toEqual([{ at: 0, pages: 3, folio: 0 }])
  })

  test('of vsyscall is left out', () => {
    const captured = captureVmas(
      [
        { first: FIRST, pages: 1 },
        { first: 0xffffffffff600, pages: 1, path: '[vsyscall]' },
      ],
      [],
    )
    expect(vmasOf(captured)).toHaveLength(1)
    expect(notesWith(captured, 'vsyscall')).toHaveLength(1)
  })

  test('of hugetlb is left out', () => {
    const captured = captureVmas(
      [
        { first: FIRST, pages: 1 },
        { first: FIRST + 512, pages: 512, vmFlags: 'rd wr ht', kb: { KernelPageSize: 2048 } },
      ],
      [],
    )
    expect(vmasOf(captured)).toHaveLength(1)
    expect(notesWith(captured, 'hugetlb mappings')).toHaveLength(1)
  })
})

describe('swap entries', () => {
  test('become swap runs, wherever they lie', () => {
    const entries = [
      { at: 1, swapType: 0 },
      { at: 2, swapType: 1 },
      { at: 3, pfn: 70 },
      { at: 5, swapType: 0 },
    ]
    const captured = captureVmas([{ first: FIRST, pages: 8, entries }], folioFrames(70, 0, ANON))
    expect(vmasOf(captured)[0]).toMatchObject({
      runs: [{ at: 3, pages: 1, folio: 0 }],
      swapRuns: [
        { at: 1, pages: 2 },
        { at: 5, pages: 1 },
      ],
    })
    expect(captured.stats.swapEntries).toBe(3)
  })

  test('that are migration entries or markers are left out', () => {
    const entries = [
      { at: 0, swapType: 0 },
      { at: 1, swapType: 28 },
      { at: 2, swapType: 31 },
    ]
    const captured = captureVmas([{ first: FIRST, pages: 8, entries }], [])
    expect(vmasOf(captured)[0]?.swapRuns).toEqual([{ at: 0, pages: 1 }])
    expect(notesWith(captured, '2 entries that are neither')).toHaveLength(1)
  })
})

describe('a mapping without struct pages', () => {
  test.each([
    [0, 'all'],
    [1, { from: 1, every: 4, length: 4 }],
    [4, undefined],
  ])('with %i PTEs', (pages, holes) => {
    const captured = captureVmas(
      [
        {
          first: FIRST,
          pages: 4,
          path: '[vvar]',
          vmFlags: 'rd pf io',
          kb: { Rss: 0 },
          entries: entriesOf(4 - pages, 5, pages),
        },
      ],
      [],
    )
    const [vma] = vmasOf(captured)
    expect(vma).toMatchObject({ kind: 'pfnmap', pages: 4, label: '[vvar]' })
    expect(vma?.holes).toEqual(holes)
    expect(captured.stats.presentPages).toBe(0)
  })
})

describe('a mapping of more than 64 GiB', () => {
  const TIB = 2 ** 28
  const first = 2 ** 30 + 100

  test('that holds nothing is left out', () => {
    const captured = captureVmas(
      [
        { first: FIRST, pages: 1 },
        { first, pages: TIB },
      ],
      [],
    )
    expect(vmasOf(captured)).toHaveLength(1)
    expect(notesWith(captured, 'hold nothing')).toHaveLength(1)
  })

  test('is divided around what it holds, on 2 MiB boundaries', () => {
    const far = 40 * 2 ** 18
    const entries = [
      { at: 5, pfn: 70 },
      { at: 7, swapType: 0 },
      { at: far, pfn: 71 },
      { at: far + 600, pfn: 72 },
    ]
    const captured = captureVmas(
      [{ first, pages: TIB, entries }],
      [70, 71, 72].flatMap((pfn) => folioFrames(pfn, 0, ANON)),
    )
    const start = (page: number): string => `0x${page.toString(16)}000`
    expect(vmasOf(captured)).toEqual([
      {
        kind: 'anon',
        start: start(first),
        pages: 412,
        runs: [{ at: 5, pages: 1, folio: 0 }],
        swapRuns: [{ at: 7, pages: 1 }],
      },
      {
        kind: 'anon',
        start: start(first + far - 100),
        pages: 1024,
        runs: [
          { at: 100, pages: 1, folio: 1 },
          { at: 700, pages: 1, folio: 2 },
        ],
      },
    ])
    expect(notesWith(captured, 'divided')).toHaveLength(1)
  })
})

describe('addresses in more than 15 regions of 512 GiB', () => {
  test('are merged, with a note', () => {
    const vmas = Array.from({ length: 40 }, (_, i) => ({
      first: 3 * (i + 1) * 2 ** 27 + 7,
      pages: 2,
    }))
    const captured = captureVmas(vmas, [])
    const regions = new Set(
      vmasOf(captured).map(({ start }) => Math.floor(Number(start) / 2 ** 39)),
    )
    expect(regions.size).toBe(15)
    expect(new Set(vmasOf(captured).map(({ start }) => start)).size).toBe(40)
    expect(notesWith(captured, 'regions are merged')).toHaveLength(1)
  })
})
