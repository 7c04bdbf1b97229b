/**
 * Captures without page frame numbers: what is inferred, and that the notes and the file say so.
 */
import { describe, expect, test } from 'vitest'
import { captureToYaml } from '../../src/capture/scenario-yaml.ts'
import { entriesOf, fakeProc, type FakeVma, folioFrames } from './fake-proc.ts'
import { capture, notesWith, runsOf, vmasOf } from './support.ts'

const FIRST = 0x10000
const HUGE = 512

const hidden = (at: number, pages: number, more: { file?: boolean; exclusive?: boolean } = {}) =>
  entriesOf(at, 0, pages, more).map((entry) => ({ ...entry, pfn: 0 }))

const captureHidden = (...vmas: FakeVma[]) =>
  capture({ pids: [7], ...fakeProc({ processes: [{ pid: 7, vmas }], kpage: false }) })

describe('without page frame numbers', () => {
  test('folios are of order 0, and pages that are not exclusive have another mapping', () => {
    const captured = captureHidden({
      first: FIRST,
      pages: 8,
      entries: [...hidden(0, 3, { exclusive: true }), ...hidden(4, 2), { at: 7, swapType: 0 }],
    })
    expect(captured.stats).toMatchObject({ folios: 'inferred', presentPages: 5, swapEntries: 1 })
    expect(captured.scenario.folios).toEqual([
      { id: 0, count: 3, order: 0, kind: 'anon', memcg: 'a/b' },
      { id: 3, count: 2, order: 0, kind: 'anon', memcg: 'a/b', mappedByOthers: 1 },
    ])
    expect(runsOf(captured)).toEqual([
      { at: 0, pages: 3, folio: 0 },
      { at: 4, pages: 2, folio: 3 },
    ])
    expect(vmasOf(captured)[0]?.swapRuns).toEqual([{ at: 7, pages: 1 }])
  })

  test('huge pages that smaps counts are order-9 folios mapped by PMDs', () => {
    const captured = captureHidden({
      first: FIRST,
      pages: 3 * HUGE,
      kb: { AnonHugePages: 4096 },
      entries: hidden(0, 3 * HUGE, { exclusive: true }),
    })
    expect(captured.scenario.folios).toMatchObject([
      { id: 0, count: 2, order: 9 },
      { id: 2, count: HUGE, order: 0 },
    ])
    expect(runsOf(captured)).toEqual([
      { at: 0, pages: 2 * HUGE, folio: 0, mapped: 'pmd' },
      { at: 2 * HUGE, pages: HUGE, folio: 2 },
    ])
  })

  test.each([
    ['/usr/lib/libc.so', 'file'],
    ['/memfd:pool (deleted)', 'shmem'],
    ['/dev/shm/pool', 'shmem'],
    ['/dev/zero (deleted)', 'shmem'],
    ['/SYSV00000000 (deleted)', 'shmem'],
  ])('the kind of pages of %s is %s', (path, kind) => {
    const captured = captureHidden({
      first: FIRST,
      pages: 1,
      path,
      entries: hidden(0, 1, { file: true, exclusive: true }),
    })
    expect(captured.scenario.folios).toMatchObject([{ kind }])
  })

  test('the lowest pages are accessed and dirty where some are, mlocked ones where the VMA is', () => {
    const captured = captureHidden({
      first: FIRST,
      pages: 4,
      perms: 'rw-s',
      vmFlags: 'rd wr lo',
      kb: { Referenced: 8, Private_Dirty: 4 },
      entries: hidden(0, 4, { file: true, exclusive: true }),
    })
    expect(captured.scenario.folios).toMatchObject([{ count: 4, mlocked: true }])
    expect(runsOf(captured)).toEqual([
      { at: 0, pages: 1, folio: 0, dirty: true, young: true },
      { at: 1, pages: 1, folio: 1, young: true },
      { at: 2, pages: 2, folio: 2 },
    ])
  })

  test('nothing is shared between processes, and the notes and the file say it', () => {
    const vmas = [{ first: FIRST, pages: 1, entries: hidden(0, 1) }]
    const roots = fakeProc({ processes: [7, 8].map((pid) => ({ pid, vmas })), kpage: false })
    const captured = capture({ pids: [7, 8], ...roots })
    expect(captured.stats).toMatchObject({ folioCount: 2, sharedFolios: 0 })
    expect(notesWith(captured, 'No page frame numbers')).toHaveLength(1)
    expect(notesWith(captured, 'no memory is shared between')).toHaveLength(1)
    const comments = captureToYaml(captured)
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join(' ')
    expect(comments).toContain('inferred: folios are of order 0')
  })
})

test('frame numbers without kpageflags are of no use', () => {
  const vmas = [{ first: FIRST, pages: 1, entries: entriesOf(0, 77, 1) }]
  const roots = fakeProc({ processes: [{ pid: 7, vmas }], kpage: false })
  expect(capture({ pids: [7], ...roots }).stats.folios).toBe('inferred')
})

test('kpageflags without frame numbers are of no use', () => {
  const vmas = [{ first: FIRST, pages: 1, entries: hidden(0, 1) }]
  const frames = folioFrames(0, 0, ['anon', 'lru'])
  const roots = fakeProc({ processes: [{ pid: 7, vmas }], frames })
  expect(capture({ pids: [7], ...roots }).stats.folios).toBe('inferred')
})
