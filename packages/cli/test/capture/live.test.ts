/**
 * Captures of real processes of this machine, against what smaps says of them and what their program did.
 *
 * The program stops itself when it has mapped its memory, so that a capture is exact. Whatever the machine does not have
 * (Linux, a C compiler, root, huge pages) leaves out the tests that need it, not the others.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { type Capture, captureProcesses } from '../../src/capture/capture.ts'
import { CaptureError } from '../../src/capture/capture-error.ts'
import { capture, errorOf, vmasOf } from './support.ts'

const LINUX = process.platform === 'linux'
const ROOT = LINUX && process.getuid?.() === 0
const CC = process.env['CC'] ?? 'cc'
const COMPILER = LINUX && spawnSync(CC, ['--version']).status === 0
const NOBODY = 65534

const directory = mkdtempSync(join(tmpdir(), 'mmgather-live-'))
const children: ChildProcess[] = []

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

/** Maps one region of every kind, forks, and prints both pids and where each region lies. */
const PROGRAM = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#define PAGE 4096L
static char *map(size_t pages, int flags, int fd) {
  char *at = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (at == MAP_FAILED) exit(1);
  return at;
}
static void touch(char *at, int pages) { for (int i = 0; i < pages; i++) at[i * PAGE] = 1; }
int main(int argc, char **argv) {
  const int anon = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  char *small = map(256, anon, -1);
  madvise(small, 256 * PAGE, MADV_NOHUGEPAGE);
  touch(small, 64); touch(small + 128 * PAGE, 8);
  int fd = open(argv[1], O_RDWR | O_CREAT, 0600);
  if (fd < 0 || ftruncate(fd, 16 * PAGE)) return 1;
  char *file = map(16, MAP_SHARED, fd);
  touch(file, 16);
  char *huge = map(2048, anon, -1);
  huge = (char *)(((unsigned long)huge + (512 * PAGE - 1)) & ~(512 * PAGE - 1));
  madvise(huge, 1024 * PAGE, MADV_HUGEPAGE);
  touch(huge, 1024);
  char *shmem = map(8, MAP_SHARED | MAP_ANONYMOUS, -1);
  touch(shmem, 8);
  char *locked = map(4, anon, -1);
  mlock(locked, 4 * PAGE);
  char *sparse = map(1L << 28, anon, -1);
  madvise(sparse, (1L << 28) * PAGE, MADV_NOHUGEPAGE);
  touch(sparse, 1); touch(sparse + (1L << 23) * PAGE, 2);
  int child = fork();
  if (child == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); small[0] = 2; shmem[1] = 1; for (;;) pause(); }
  while (!((volatile char *)shmem)[1]) usleep(1000);
  printf("%d %lx %lx %lx %lx %lx\\n", child, (long)small, (long)file, (long)huge, (long)shmem, (long)locked);
  fflush(stdout);
  for (;;) pause();
}
`

interface Mapped {
  pid: number
  child: number
  /** Addresses of the regions, as a scenario writes them. */
  small: string
  file: string
  huge: string
  shmem: string
  locked: string
}

let mapped: Promise<Mapped> | undefined

function mappedProgram(): Promise<Mapped> {
  mapped ??= startProgram()
  return mapped
}

async function startProgram(): Promise<Mapped> {
  const source = join(directory, 'program.c')
  const program = join(directory, 'program')
  writeFileSync(source, PROGRAM)
  execFileSync(CC, ['-O1', '-o', program, source])
  const child = spawn(program, [join(directory, 'file')], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString()))
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}`)))
  })
  // Until both have called pause(), which may touch a page of the C library.
  await setTimeout(100)
  const [forked = '', small = '', file = '', huge = '', shmem = '', locked = ''] = line
    .trim()
    .split(' ')
  const hex = (address: string): string => `0x${address}`
  return {
    pid: child.pid ?? 0,
    child: Number(forked),
    small: hex(small),
    file: hex(file),
    huge: hex(huge),
    shmem: hex(shmem),
    locked: hex(locked),
  }
}

function smapsSum(pid: number, counter: string): number {
  const smaps = readFileSync(`/proc/${pid}/smaps`, 'utf8')
  return [...smaps.matchAll(new RegExp(`^${counter}: +(\\d+) kB`, 'gm'))].reduce(
    (sum, [, kb]) => sum + Number(kb),
    0,
  )
}

describe.skipIf(!ROOT || !COMPILER)('as root', () => {
  const find = (captured: Capture, start: string, process = 0) =>
    vmasOf(captured, process).find((vma) => vma.start === start)
  /** The groups that the VMA's first run begins in. */
  const groupOf = (captured: Capture, start: string, process = 0) => {
    const id = find(captured, start, process)?.runs?.[0]?.folio ?? -1
    return captured.scenario.folios?.find(
      (group) => group.id <= id && id < group.id + (group.count ?? 1),
    )
  }

  test('there are as many pages as smaps counts', async () => {
    const { pid, child } = await mappedProgram()
    for (const one of [pid, child]) {
      const captured = capture({ pids: [one] })
      expect(captured.stats.folios).toBe('read')
      expect(captured.stats.presentPages).toBe(smapsSum(one, 'Rss') / 4)
      expect(captured.notes.filter((note) => note.startsWith('changed'))).toEqual([])
    }
  })

  test('touched pages are runs, the rest are holes', async () => {
    const program = await mappedProgram()
    const captured = capture({ pids: [program.pid] })
    const runs = find(captured, program.small)?.runs ?? []
    const pages = runs.flatMap(({ at, pages: count }) =>
      Array.from({ length: count }, (_, i) => at + i),
    )
    expect(pages).toEqual([...Array(64).keys(), ...Array.from({ length: 8 }, (_, i) => 128 + i)])
  })

  test('memory shared after fork is shared, and what was written since is not', async () => {
    const { pid, child, small } = await mappedProgram()
    const both = capture({ pids: [pid, child] })
    const [parents, childs] = [0, 1].map((process) => find(both, small, process)?.runs ?? [])
    // Page 0 was written by the child: it has a copy of its own.
    expect(childs?.[0]?.folio).not.toBe(parents?.[0]?.folio)
    expect(childs?.at(-1)?.folio).toBe(parents?.at(-1)?.folio)
    expect(both.stats.sharedFolios).toBeGreaterThan(64 + 7)
    expect(groupOf(both, small)).toMatchObject({ kind: 'anon', order: 0 })
    expect(groupOf(both, small)?.mappedByOthers).toBeUndefined()
    const alone = capture({ pids: [pid] })
    const at1 = find(alone, small)?.runs?.find(({ at, pages }) => at <= 1 && at + pages > 1)
    const id = (at1?.folio ?? 0) + 1 - (at1?.at ?? 0)
    const group = alone.scenario.folios?.find(
      (one) => one.id <= id && id < one.id + (one.count ?? 1),
    )
    expect(group?.mappedByOthers).toBe(1)
  })

  test('a shared file and shared memory are what they are', async () => {
    const { pid, file, shmem } = await mappedProgram()
    const captured = capture({ pids: [pid] })
    expect(groupOf(captured, file)).toMatchObject({ kind: 'file' })
    expect(find(captured, file)?.runs?.[0]).toMatchObject({ dirty: true })
    expect(groupOf(captured, shmem)).toMatchObject({ kind: 'shmem' })
  })

  test('huge pages are folios of order 9, mapped by PMDs as often as smaps says', async () => {
    const { pid, huge } = await mappedProgram()
    const captured = capture({ pids: [pid] })
    expect(captured.stats.pmdMapped).toBe(smapsSum(pid, 'AnonHugePages') / 2048)
    if (captured.stats.pmdMapped === 0) return
    const vma = find(captured, huge)
    const run = vma?.runs?.find(({ mapped: level }) => level === 'pmd')
    expect(run?.pages).toBe(512 * captured.stats.pmdMapped)
  })

  test('locked memory is locked', async () => {
    const { pid, locked } = await mappedProgram()
    const captured = capture({ pids: [pid] })
    expect(find(captured, locked)).toMatchObject({ locked: true })
    expect(groupOf(captured, locked)).toMatchObject({ mlocked: true })
  })

  test('a reservation of a TiB is cut down to what it holds', async () => {
    const { pid } = await mappedProgram()
    const captured = capture({ pids: [pid] })
    for (const vma of vmasOf(captured)) expect(vma.pages).toBeLessThanOrEqual(2 ** 24)
    expect(captured.notes.some((note) => note.includes('divided'))).toBe(true)
  })

  test('an anonymised capture has the same contents', async () => {
    const { pid, child } = await mappedProgram()
    const plain = capture({ pids: [pid, child] })
    const anonymised = capture({ pids: [pid, child], anonymize: true })
    expect(anonymised.stats).toEqual(plain.stats)
  })

  test('more pages than allowed are refused', async () => {
    const { pid } = await mappedProgram()
    expect(errorOf(() => capture({ pids: [pid], maxPages: 10 })).field).toBe('maxPages')
  })
})

describe.skipIf(!LINUX)('any user', () => {
  test('captures the process that it is', () => {
    const captured = capture({ pids: [process.pid] })
    expect(captured.stats.presentPages).toBeGreaterThan(1000)
  })

  test('sees a process that ends while it is read, or an error that says so', () => {
    for (let i = 0; i < 20; i++) {
      const pid = spawn('sleep', [String(i / 500)]).pid ?? 0
      expect(outcomeOf(pid)).toMatch(new RegExp(`^(1 process|pid ${pid})$`))
    }
  })
})

/** What became of capturing a process: how many there are, or what the error is about. */
function outcomeOf(pid: number): string {
  try {
    return `${captureProcesses({ pids: [pid], anonymize: false }).stats.processes} process`
  } catch (error) {
    if (error instanceof CaptureError) return `${error.field} ${error.value}`
    throw error
  }
}

describe.skipIf(!ROOT)('without privileges', () => {
  const capturing = (options: string): string => {
    const entry = new URL('../../src/capture/capture.ts', import.meta.url)
    const code = `
      const { captureProcesses } = await import(${JSON.stringify(entry.href)})
      try {
        const { stats, notes } = captureProcesses({ anonymize: false, ${options} })
        console.log(JSON.stringify({ stats, notes }))
      } catch (error) { console.log(JSON.stringify({ error: error.message })) }`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      uid: NOBODY,
      gid: NOBODY,
      cwd: '/',
      encoding: 'utf8',
    })
    return run.stdout
  }
  // The sources may lie where only root can read them.
  const readable =
    spawnSync('cat', [new URL(import.meta.url).pathname], { uid: NOBODY }).status === 0

  test.skipIf(!readable)('folios of an own process are inferred, and the notes say so', () => {
    const { stats, notes } = JSON.parse(capturing('pids: [process.pid]')) as Capture
    expect(stats).toMatchObject({ folios: 'inferred', processes: 1 })
    expect(stats.presentPages).toBeGreaterThan(1000)
    expect(notes.join('\n')).toContain('No page frame numbers and no kpageflags')
  })

  test.skipIf(!readable)('the process of another user is refused', () => {
    expect(capturing(`pids: [${process.pid}]`)).toMatch(/permission to read .* denied.*as root/)
  })

  test.skipIf(!readable)('a cgroup with processes of others is captured without them', () => {
    const cgroups = join(directory, 'cgroups', 'app')
    mkdirSync(cgroups, { recursive: true })
    chmodSync(directory, 0o755)
    writeFileSync(join(cgroups, 'cgroup.procs'), `${process.pid}\n`)
    const options = (pids: string): string =>
      `pids: [${pids}], cgroup: 'app', cgroupRoot: '${join(directory, 'cgroups')}'`
    const { stats, notes } = JSON.parse(capturing(options('process.pid'))) as Capture
    expect(stats.processes).toBe(1)
    expect(notes.join('\n')).toContain('left out: 1 processes of the cgroup')
    expect(capturing(options(''))).toContain('none of its processes could be captured')
  })
})
