/**
 * What smaps says about PTEs: which huge folios are mapped by a PMD, and accessed and dirty bits.
 */
import { describe, expect, test } from 'vitest'
import { entriesOf, folioFrames } from './fake-proc.ts'
import { captureVmas, notesWith, runsOf } from './support.ts'

const ANON = ['anon', 'swapbacked', 'lru']
const HUGE = 512
const FIRST = 0x10000

describe('huge folios', () => {
  const huge = (count: number, kb: Record<string, number>, flags: string[] = ANON) =>
    captureVmas(
      [{ first: FIRST, pages: count * HUGE, kb, entries: entriesOf(0, 4096, count * HUGE) }],
      Array.from({ length: count }, (_, i) => folioFrames(4096 + i * HUGE, 9, flags)).flat(),
    )

  test.each([
    ['AnonHugePages', ANON],
    ['FilePmdMapped', ['lru']],
    ['ShmemPmdMapped', ['lru', 'swapbacked']],
  ])('are mapped by PMDs where %s counts all of them', (counter, flags) => {
    const captured = huge(2, { [counter]: 4096 }, flags)
    expect(runsOf(captured)).toEqual([{ at: 0, pages: 1024, folio: 0, mapped: 'pmd' }])
    expect(captured.stats.pmdMapped).toBe(2)
    expect(notesWith(captured, 'PMD')).toEqual([])
  })

  test('are mapped by PTEs where smaps counts none', () => {
    expect(runsOf(huge(2, { AnonHugePages: 0 }))).toEqual([{ at: 0, pages: 1024, folio: 0 }])
  })

  test('are chosen from the lowest address where smaps counts some', () => {
    const captured = huge(3, { AnonHugePages: 4096 })
    expect(runsOf(captured)).toEqual([
      { at: 0, pages: 1024, folio: 0, mapped: 'pmd' },
      { at: 1024, pages: 512, folio: 2 },
    ])
    expect(notesWith(captured, 'which of 3 huge folios')).toHaveLength(1)
  })

  test('that smaps counts and nobody finds are said', () => {
    expect(notesWith(huge(1, { AnonHugePages: 4096 }), '1 PMD mappings')).toHaveLength(1)
  })

  test('off a 2 MiB boundary, or not whole, are mapped by PTEs', () => {
    const captured = captureVmas(
      [
        {
          first: FIRST + 1,
          pages: HUGE,
          kb: { AnonHugePages: 2048 },
          entries: entriesOf(0, 4096, HUGE),
        },
        {
          first: FIRST + 2 * HUGE,
          pages: HUGE,
          kb: { AnonHugePages: 2048 },
          entries: entriesOf(0, 8192, HUGE - 1),
        },
      ],
      [...folioFrames(4096, 9, ANON), ...folioFrames(8192, 9, ANON)],
    )
    expect(runsOf(captured, 0)).toEqual([{ at: 0, pages: HUGE, folio: 0 }])
    expect(runsOf(captured, 1)).toEqual([{ at: 0, pages: HUGE - 1, folio: 1 }])
  })
})

describe('accessed bits', () => {
  const young = (kb: number) =>
    runsOf(
      captureVmas(
        [{ first: FIRST, pages: 4, kb: { Referenced: kb }, entries: entriesOf(0, 70, 4) }],
        [70, 71, 72, 73].flatMap((pfn) =>
          folioFrames(pfn, 0, pfn === 72 ? [...ANON, 'referenced'] : ANON),
        ),
      ),
    )

  test('of no page', () => {
    expect(young(0)).toEqual([{ at: 0, pages: 4, folio: 0 }])
  })
  test('of all pages', () => {
    expect(young(16)).toEqual([{ at: 0, pages: 4, folio: 0, young: true }])
  })
  test('of some pages go by PG_referenced', () => {
    expect(young(4)).toEqual([
      { at: 0, pages: 2, folio: 0 },
      { at: 2, pages: 1, folio: 2, young: true },
      { at: 3, pages: 1, folio: 3 },
    ])
  })
})

describe('dirty bits', () => {
  const dirty = (perms: string, kb: Record<string, number>, anon = false) =>
    captureVmas(
      [
        {
          first: FIRST,
          pages: 3,
          perms,
          vmFlags: perms.includes('w') ? 'rd wr' : 'rd',
          kb,
          entries: entriesOf(0, 70, 3, { file: !anon }),
        },
      ],
      [70, 71, 72].flatMap((pfn) =>
        folioFrames(pfn, 0, [...(anon ? ANON : ['lru']), ...(pfn === 71 ? ['dirty'] : [])]),
      ),
    )
  const whole = (bits: object) => [{ at: 0, pages: 3, folio: 0, ...bits }]

  test('of all pages of a shared file mapping', () => {
    expect(runsOf(dirty('rw-s', { Shared_Dirty: 4, Private_Dirty: 8 }))).toEqual(
      whole({ dirty: true }),
    )
  })
  test('of none', () => {
    expect(runsOf(dirty('rw-s', {}))).toEqual(whole({}))
  })
  test('of some go by PG_dirty, and the notes say so', () => {
    const captured = dirty('rw-s', { Private_Dirty: 4 })
    expect(runsOf(captured)).toEqual([
      { at: 0, pages: 1, folio: 0 },
      { at: 1, pages: 1, folio: 1, dirty: true },
      { at: 2, pages: 1, folio: 2 },
    ])
    expect(notesWith(captured, 'only some pages were dirty')).toHaveLength(1)
  })
  test.each(['r--s', 'rw-p', 'r-xp'])('cannot be set in a %s file mapping', (perms) => {
    expect(runsOf(dirty(perms, { Private_Dirty: 12 }))).toEqual(whole({}))
  })
  test('of anonymous pages are not asked', () => {
    expect(runsOf(dirty('rw-s', { Private_Dirty: 12 }, true))).toEqual(whole({}))
  })
})
