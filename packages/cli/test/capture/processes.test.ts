/**
 * Which processes are captured: cgroups, threads, memcgs, processes that change, and every way to refuse.
 */
import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { captureProcesses } from '../../src/capture/capture.ts'
import { DEFAULT_MAX_PAGES } from '../../src/capture/options.ts'
import { entriesOf, fakeProc, type FakeProcess, folioFrames } from './fake-proc.ts'
import { capture, errorOf, notesWith } from './support.ts'

const FIRST = 0x10000
const VMAS = [{ first: FIRST, pages: 4, entries: entriesOf(0, 70, 4) }]
const FRAMES = [70, 71, 72, 73].flatMap((pfn) => folioFrames(pfn, 0, ['anon', 'swapbacked', 'lru']))

const system = (...processes: (Partial<FakeProcess> & { pid: number })[]) =>
  fakeProc({ processes: processes.map((process) => ({ vmas: VMAS, ...process })), frames: FRAMES })

const refused = (pid: number, process: Partial<FakeProcess>, more: object = {}) =>
  errorOf(() => capture({ pids: [pid], ...system({ pid, ...process }), ...more }))

describe('refused', () => {
  test('a process that does not exist', () => {
    const error = errorOf(() => capture({ pids: [9], ...system({ pid: 7 }) }))
    expect(error).toMatchObject({ field: 'pid', value: 9 })
    expect(error.message).toContain('no such process')
  })
  test('a zombie', () => {
    expect(refused(7, { state: 'Z' }).message).toContain('waits for its parent')
  })
  test('a kernel thread', () => {
    expect(refused(7, { taskFlags: 0x208040, vmas: [] }).message).toContain('kernel thread')
  })
  test('a process without memory', () => {
    expect(refused(7, { vmas: [] }).message).toContain('has no memory')
  })
  test('a process that ends before its pages are read', () => {
    const roots = system({ pid: 7 })
    truncateSync(join(roots.procRoot, '7', 'pagemap'))
    expect(errorOf(() => capture({ pids: [7], ...roots })).message).toContain('ended while')
  })
  test('pages that are not 4 KiB', () => {
    const vmas = [{ first: FIRST, pages: 1, kb: { KernelPageSize: 64 } }]
    expect(refused(7, { vmas }).message).toContain('its pages are 64 KiB')
  })
  test('more pages than allowed, with how many there are and the way out', () => {
    const error = refused(7, {}, { maxPages: 3 })
    expect(error).toMatchObject({ field: 'maxPages', value: 3 })
    expect(error.message).toMatch(/about 4 present pages.*at most 3.*raise maxPages/)
  })
  test('more pages than allowed that the kernel had not counted', () => {
    const roots = system({ pid: 7 })
    writeFileSync(join(roots.procRoot, '7', 'statm'), '1 1 0 0 0 0 0\n')
    expect(errorOf(() => capture({ pids: [7], maxPages: 3, ...roots })).message).toContain(
      'more than 3 present pages',
    )
  })
  test('a system without procfs', () => {
    const error = errorOf(() =>
      captureProcesses({ pids: [1], anonymize: false, procRoot: '/nowhere' }),
    )
    expect(error.message).toContain('Linux with /proc mounted')
  })
  test.each([0, -1, 1.5, Number.NaN, 2 ** 40])('pid %d', (pid) => {
    expect(errorOf(() => capture({ pids: [pid] })).message).toContain('not a process id')
  })
  test('nothing to capture', () => {
    expect(errorOf(() => capture({})).message).toContain('nothing to capture')
  })
  test('a maxPages that is no number of pages', () => {
    const error = errorOf(() => capture({ pids: [1], maxPages: 0 }))
    expect(error.field).toBe('maxPages')
    expect(error.wayOut).toContain(String(DEFAULT_MAX_PAGES))
  })
})

test('a process and its threads are captured once', () => {
  const roots = system({ pid: 7, comm: 'a) b' }, { pid: 8, tgid: 7 })
  const captured = capture({ pids: [8, 7, 7], ...roots })
  expect(captured.scenario.processes.map(({ name }) => name)).toEqual(['fake-7'])
})

test('a process that changes three times in a row is captured, with a note', () => {
  const maps = '10000000-10003000 rw-p 00000000 00:00 0 [heap]\n'
  const captured = capture({ pids: [7], ...system({ pid: 7, maps }) })
  expect(captured.stats.presentPages).toBe(4)
  expect(notesWith(captured, 'changed: fake-7 changed 2 VMAs')).toEqual([
    expect.stringContaining('0x10000000-0x10003000 rw-p [heap]'),
  ])
})

test('pages beyond what smaps counted are said', () => {
  const vmas = [{ ...VMAS[0], first: FIRST, pages: 4, kb: { Rss: 8 } }]
  const captured = capture({ pids: [7], ...system({ pid: 7, vmas }) })
  expect(notesWith(captured, '2 pages more than smaps')).toHaveLength(1)
})

describe('a cgroup', () => {
  const cgroups = (root: string, procs: Record<string, string>): void => {
    for (const [path, text] of Object.entries(procs)) {
      mkdirSync(join(root, path), { recursive: true })
      writeFileSync(join(root, path, 'cgroup.procs'), text)
    }
  }

  test('is captured with its children, without those that are gone or have no memory', () => {
    const roots = system({ pid: 7 }, { pid: 8 }, { pid: 9, state: 'Z' })
    cgroups(roots.cgroupRoot, { app: '8\n', 'app/worker': '7\n9\n0\n', 'app/worker/old': '11\n' })
    const captured = capture({ cgroup: '/app', ...roots })
    expect(captured.scenario.processes.map(({ name }) => name)).toEqual(['fake-7', 'fake-8'])
    expect(notesWith(captured, '2 processes of the cgroup')).toHaveLength(1)
    expect(capture({ cgroup: join(roots.cgroupRoot, 'app'), ...roots }).stats.processes).toBe(2)
  })

  test('and processes that are named besides must all be there', () => {
    const roots = system({ pid: 7 })
    cgroups(roots.cgroupRoot, { app: '7\n' })
    expect(errorOf(() => capture({ pids: [12], cgroup: 'app', ...roots })).value).toBe(12)
  })

  test('that does not exist, is empty, or whose processes are gone is refused', () => {
    const roots = system({ pid: 7 })
    cgroups(roots.cgroupRoot, { empty: '', gone: '11\n' })
    const message = (cgroup: string): string => errorOf(() => capture({ cgroup, ...roots })).message
    expect(message('nothing')).toContain('cannot be read (ENOENT)')
    expect(message('empty')).toContain('has no processes')
    expect(message('gone')).toContain('none of its processes')
  })
})

describe('memcgs', () => {
  const memcgOf = (cgroup: string, anonymize = false) =>
    capture({ pids: [7], anonymize, ...system({ pid: 7, cgroup }) }).scenario.processes[0]?.memcg

  test.each([
    ['/', 'root'],
    ['/a/b', 'a/b'],
    ['/user.slice/app@1 x', 'user.slice/app_1_x'],
    ['/root', 'root_'],
    ['/../other', 'up/other'],
  ])('of a process in %s', (path, name) => {
    expect(memcgOf(path)).toBe(name)
  })

  test('are numbered in an anonymised capture, the root aside', () => {
    expect(memcgOf('/secret/b', true)).toBe('m1/m2')
    expect(memcgOf('/', true)).toBe('root')
  })

  test('of folios come from kpagecgroup', () => {
    const frames = FRAMES.map((frame, i) => ({ ...frame, cgroup: i === 0 ? 0 : 2 ** 33 + i }))
    const roots = fakeProc({ processes: [{ pid: 7, vmas: VMAS }], frames, kpagecgroup: true })
    mkdirSync(join(roots.cgroupRoot, 'a/b'), { recursive: true })
    const own = statSync(join(roots.cgroupRoot, 'a/b')).ino
    expect(capture({ pids: [7], ...roots }).scenario.folios?.map(({ memcg }) => memcg)).toEqual([
      'root',
      'other',
      'other_2',
      'other_3',
    ])
    const again = frames.map((frame) => ({ ...frame, cgroup: own }))
    const other = fakeProc({
      processes: [{ pid: 7, vmas: VMAS }],
      frames: again,
      kpagecgroup: true,
    })
    const captured = capture({ pids: [7], procRoot: other.procRoot, cgroupRoot: roots.cgroupRoot })
    expect(captured.scenario.folios).toMatchObject([{ count: 4, memcg: 'a/b' }])
  })

  test('of the memory controller count where there are several hierarchies', () => {
    const roots = system({ pid: 7 })
    writeFileSync(join(roots.procRoot, '7', 'cgroup'), '4:memory:/mem/x\n3:cpu,cpuacct:/y\n0::/z\n')
    expect(capture({ pids: [7], ...roots }).scenario.processes[0]?.memcg).toBe('mem/x')
  })
})
