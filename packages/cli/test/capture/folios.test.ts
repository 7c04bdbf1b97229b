/**
 * Folios that are read: order from compound flags, properties from the head's flags, outside mappings from mapcounts.
 */
import { describe, expect, test } from 'vitest'
import { entriesOf, fakeProc, folioFrames } from './fake-proc.ts'
import { capture, captureVmas, notesWith, runsOf, vmasOf } from './support.ts'

const ANON = ['anon', 'swapbacked', 'lru', 'mmap']
const FIRST = 0x10000

describe('order', () => {
  test('of single pages, numbered as they are mapped, not as they lie in memory', () => {
    const entries = [
      { at: 0, pfn: 900 },
      { at: 1, pfn: 300 },
      { at: 2, pfn: 901 },
    ]
    const frames = [900, 300, 901].flatMap((pfn) => folioFrames(pfn, 0, ANON))
    const captured = captureVmas([{ first: FIRST, pages: 8, entries }], frames)
    expect(captured.scenario.folios).toEqual([
      { id: 0, count: 3, order: 0, kind: 'anon', memcg: 'a/b' },
    ])
    expect(runsOf(captured)).toEqual([{ at: 0, pages: 3, folio: 0 }])
    expect(captured.stats).toMatchObject({
      folios: 'read',
      presentPages: 3,
      folioCount: 3,
      runs: 1,
    })
  })

  test.each([1, 2, 3, 4, 9, 10])('%i, mapped from its first page', (order) => {
    const pages = 2 ** order
    const captured = captureVmas(
      [{ first: FIRST, pages: 2 * pages, entries: entriesOf(0, 4096, 2 * pages) }],
      [...folioFrames(4096, order, ANON), ...folioFrames(4096 + pages, order, ANON)],
    )
    expect(captured.scenario.folios).toMatchObject([{ id: 0, count: 2, order }])
    expect(runsOf(captured)).toEqual([{ at: 0, pages: 2 * pages, folio: 0 }])
  })

  test('of a folio of which only the middle is mapped comes from its neighbours', () => {
    const captured = captureVmas(
      [{ first: FIRST, pages: 2, entries: entriesOf(0, 4096 + 5, 2) }],
      folioFrames(4096, 4, ANON, (page) => (page === 5 || page === 6 ? 1 : 0)),
    )
    expect(captured.scenario.folios).toMatchObject([{ id: 0, count: 1, order: 4 }])
    expect(runsOf(captured)).toEqual([{ at: 0, pages: 2, folio: 0, page: 5 }])
  })

  test('of a folio whose compound flags are torn is rounded down', () => {
    // A head with five tails: four pages are a folio, what lies beyond is by itself.
    const frames = folioFrames(4096, 3, ANON).slice(0, 6)
    const captured = captureVmas(
      [{ first: FIRST, pages: 6, entries: entriesOf(0, 4096, 6) }],
      frames,
    )
    expect(captured.scenario.folios).toMatchObject([
      { id: 0, count: 1, order: 2 },
      { id: 1, count: 2, order: 0 },
    ])
    expect(notesWith(captured, 'rounded down')).toHaveLength(1)
  })

  test('is never more than natural alignment allows', () => {
    const frames = folioFrames(4098, 2, ANON)
    const captured = captureVmas(
      [{ first: FIRST, pages: 2, entries: entriesOf(0, 4098, 2) }],
      frames,
    )
    expect(captured.scenario.folios).toMatchObject([{ id: 0, order: 1 }])
  })

  test('of tails without a head is 0', () => {
    const captured = captureVmas(
      [{ first: FIRST, pages: 1, entries: entriesOf(0, 4099, 1) }],
      [{ pfn: 4099, flags: ['tail', ...ANON] }],
    )
    expect(captured.scenario.folios).toMatchObject([{ id: 0, count: 1, order: 0 }])
  })
})

describe('properties', () => {
  test.each([
    [['anon', 'swapbacked', 'lru'], { kind: 'anon' }],
    [['lru'], { kind: 'file' }],
    [['swapbacked', 'lru'], { kind: 'shmem' }],
    [
      ['lru', 'active', 'referenced', 'dirty'],
      { kind: 'file', active: true, referenced: true, dirty: true },
    ],
    [['anon', 'swapbacked', 'swapcache', 'lru'], { kind: 'anon', swapcache: true }],
    [['anon', 'swapbacked', 'mlocked', 'lru'], { kind: 'anon', mlocked: true }],
    [['anon', 'swapbacked'], { kind: 'anon', lru: false }],
  ])('of a page with the flags %j', (flags, expected) => {
    const captured = captureVmas(
      [{ first: FIRST, pages: 1, entries: entriesOf(0, 77, 1) }],
      folioFrames(77, 0, flags),
    )
    expect(captured.scenario.folios).toEqual([
      { id: 0, count: 1, order: 0, memcg: 'a/b', ...expected },
    ])
  })

  test('come from the head, not from the tail that is mapped', () => {
    const [head, ...tails] = folioFrames(4096, 2, ['anon', 'swapbacked'])
    const frames = [{ pfn: 4096, flags: [...(head?.flags ?? []), 'lru', 'active'] }, ...tails]
    const captured = captureVmas(
      [{ first: FIRST, pages: 1, entries: entriesOf(0, 4098, 1) }],
      frames,
    )
    expect(captured.scenario.folios).toMatchObject([{ order: 2, active: true }])
  })

  test('divide neighbouring ids into groups, while a run goes on', () => {
    const captured = captureVmas(
      [{ first: FIRST, pages: 4, entries: entriesOf(0, 40, 4) }],
      [40, 41, 42, 43].flatMap((pfn) => folioFrames(pfn, 0, pfn < 42 ? ANON : [...ANON, 'active'])),
    )
    expect(captured.scenario.folios).toMatchObject([
      { id: 0, count: 2 },
      { id: 2, count: 2, active: true },
    ])
    expect(runsOf(captured)).toEqual([{ at: 0, pages: 4, folio: 0 }])
  })
})

describe('mappings', () => {
  test('by others are what the mapcount has beyond the capture', () => {
    const captured = captureVmas(
      [{ first: FIRST, pages: 1, entries: entriesOf(0, 77, 1, { file: true }) }],
      folioFrames(77, 0, ['lru'], 20),
    )
    expect(captured.scenario.folios).toMatchObject([{ mappedByOthers: 19 }])
  })

  test('by others are the smallest number over the pages of the folio', () => {
    const captured = captureVmas(
      [{ first: FIRST, pages: 4, entries: entriesOf(0, 4096, 4, { file: true }) }],
      folioFrames(4096, 2, ['lru'], (page) => 5 - page),
    )
    expect(captured.scenario.folios).toMatchObject([{ order: 2, mappedByOthers: 1 }])
    expect(notesWith(captured, 'mappedByOthers is the smallest')).toHaveLength(1)
  })

  test('of the same frame in two processes are one folio, shared', () => {
    const vma = { first: FIRST, pages: 3, entries: entriesOf(0, 50, 3) }
    const own = { first: FIRST + 64, pages: 1, entries: entriesOf(0, 90, 1) }
    const roots = fakeProc({
      processes: [
        { pid: 7, comm: 'parent', vmas: [vma] },
        { pid: 8, comm: 'child', vmas: [vma, own] },
      ],
      frames: [
        ...[50, 51, 52].flatMap((pfn) => folioFrames(pfn, 0, ANON, 2)),
        ...folioFrames(90, 0, ANON),
      ],
    })
    const both = capture({ pids: [7, 8], ...roots })
    expect(both.scenario.folios).toEqual([
      { id: 0, count: 4, order: 0, kind: 'anon', memcg: 'a/b' },
    ])
    expect(both.scenario.processes.map(({ name, share }) => ({ name, share }))).toEqual([
      { name: 'parent-7', share: undefined },
      { name: 'child-8', share: undefined },
    ])
    expect(runsOf(both, 0, 0)).toEqual(runsOf(both, 0, 1))
    expect(both.stats).toMatchObject({ folioCount: 4, sharedFolios: 3, presentPages: 7 })
    const one = capture({ pids: [7], ...roots })
    expect(one.scenario.folios).toMatchObject([{ count: 3, mappedByOthers: 1 }])
  })

  test('fewer than seen are none from outside', () => {
    const vma = {
      first: FIRST,
      pages: 2,
      entries: [
        { at: 0, pfn: 60 },
        { at: 1, pfn: 60 },
      ],
    }
    const captured = captureVmas([vma], folioFrames(60, 0, ANON, 1))
    expect(captured.scenario.folios?.[0]?.mappedByOthers).toBeUndefined()
    expect(notesWith(captured, 'fewer mappings')).toHaveLength(1)
  })
})

describe('left out', () => {
  test.each([
    ['the zero page', ['zero'], 1, 'frames of the shared zero page'],
    ['a hugetlb page', ['huge', 'head'], 1, 'hugetlb pages'],
    ['a page that nothing counts', ['lru'], 0, 'without a counted mapping'],
    ['a frame without a page', ['nopage'], 0, 'without a counted mapping'],
  ])('%s', (_, flags, mapcount, note) => {
    const captured = captureVmas(
      [{ first: FIRST, pages: 2, entries: entriesOf(0, 70, 2) }],
      [...folioFrames(70, 0, flags, mapcount), ...folioFrames(71, 0, ANON)],
    )
    expect(runsOf(captured)).toEqual([{ at: 1, pages: 1, folio: 0 }])
    expect(captured.stats).toMatchObject({ presentPages: 1, leftOutPages: 1 })
    expect(notesWith(captured, note)).toHaveLength(1)
  })

  test('a frame past the end of memory', () => {
    const captured = captureVmas(
      [
        {
          first: FIRST,
          pages: 2,
          entries: [
            { at: 0, pfn: 70 },
            { at: 1, pfn: 2 ** 40 },
          ],
        },
      ],
      folioFrames(70, 0, ANON),
    )
    expect(captured.stats).toMatchObject({ presentPages: 1, leftOutPages: 1 })
  })
})

test('KSM pages are folios like others, with a note', () => {
  const captured = captureVmas(
    [{ first: FIRST, pages: 1, entries: entriesOf(0, 70, 1) }],
    folioFrames(70, 0, [...ANON, 'ksm'], 3),
  )
  expect(captured.scenario.folios).toMatchObject([{ kind: 'anon', mappedByOthers: 2 }])
  expect(notesWith(captured, 'KSM')).toHaveLength(1)
})

test('a process that holds nothing is a scenario too', () => {
  const captured = captureVmas([{ first: FIRST, pages: 4 }], [])
  expect(vmasOf(captured)).toEqual([{ kind: 'anon', start: '0x10000000', pages: 4, runs: [] }])
  expect(captured.stats).toMatchObject({ folios: 'read', presentPages: 0, folioCount: 0 })
})
