/**
 * Which processes are captured, and what they are beside their memory: name, thread group, memory cgroup.
 *
 * Invariant: a process that is returned had an address space when it was looked at; zombies and kernel threads have
 * none and are refused by name.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CaptureError } from './capture-error.ts'
import type { ResolvedOptions } from './options.ts'
import { errorCode, readProcText } from './proc-files.ts'

export interface ProcessStatus {
  /** The thread group's id: the process, if a thread was named. */
  pid: number
  /** Asked for by the user, not only found in a cgroup. */
  named: boolean
  /** The command's name, at most 15 bytes. */
  comm: string
  /** Path of its memory cgroup, starting with a slash. */
  cgroupPath: string
}

/** PF_KTHREAD of task->flags. */
const KERNEL_THREAD = 0x0020_0000

export function readProcessStatus(procRoot: string, pid: number, named: boolean): ProcessStatus {
  const stat = readProcText(procRoot, pid, 'stat')
  const close = stat.lastIndexOf(')')
  const [state = '', , , , , , flags = '0'] = stat.slice(close + 2).split(' ')
  if (state === 'Z' || state === 'X') throw memoryless(pid, 'it has ended and waits for its parent')
  if ((Number(flags) & KERNEL_THREAD) !== 0) throw memoryless(pid, 'it is a kernel thread')
  const status = readProcText(procRoot, pid, 'status', '')
  const tgid = /^Tgid:\s*(\d+)$/m.exec(status)?.[1]
  return {
    pid: tgid === undefined ? pid : Number(tgid),
    named,
    comm: stat.slice(stat.indexOf('(') + 1, close),
    cgroupPath: memoryCgroup(readProcText(procRoot, pid, 'cgroup', '')),
  }
}

/** For a process whose lists came back empty: says why. */
export function emptyProcess(procRoot: string, pid: number): CaptureError {
  try {
    readProcessStatus(procRoot, pid, false)
  } catch (error) {
    if (error instanceof CaptureError) return error
    throw error
  }
  return memoryless(pid, 'it is starting or ending')
}

/** The cgroup that charges memory: of the memory controller (v1), else of the unified hierarchy (v2). */
function memoryCgroup(text: string): string {
  let unified = '/'
  for (const line of text.split('\n')) {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers.split(',').includes('memory')) return path
    if (line.startsWith('0::')) unified = path
  }
  return unified
}

/** Resident pages as the kernel counts them, without walking any page table. */
export function residentPages(procRoot: string, pid: number): number {
  const [, resident = '0'] = readProcText(procRoot, pid, 'statm', '').split(' ')
  return Number(resident)
}

/** Processes of a cgroup and of all cgroups below it, in ascending order. */
export function cgroupPids(options: ResolvedOptions, cgroup: string): number[] {
  const { cgroupRoot } = options
  const directory = cgroup.startsWith(cgroupRoot) ? cgroup : join(cgroupRoot, cgroup)
  const pids = new Set<number>()
  try {
    collectPids(directory, pids)
  } catch (error) {
    throw cgroupError(cgroup, `cannot be read (${errorCode(error)})`)
  }
  // 0 stands for a process outside the pid namespace.
  pids.delete(0)
  if (pids.size === 0) throw cgroupError(cgroup, 'has no processes')
  return [...pids].sort((a, b) => a - b)
}

function collectPids(directory: string, pids: Set<number>): void {
  const text = readFileSync(join(directory, 'cgroup.procs'), 'utf8')
  for (const pid of text.split('\n')) if (pid !== '') pids.add(Number(pid))
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    try {
      collectPids(join(directory, entry.name), pids)
    } catch (error) {
      // Removed since it was listed: then it has no processes.
      if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENODEV') throw error
    }
  }
}

function cgroupError(cgroup: string, problem: string): CaptureError {
  return new CaptureError({
    field: 'cgroup',
    value: cgroup,
    problem,
    allowed: 'a cgroup with processes, as a path below the cgroup file system',
    wayOut: 'see /proc/N/cgroup for the cgroup of a process',
  })
}

function memoryless(pid: number, problem: string): CaptureError {
  return new CaptureError({
    field: 'pid',
    value: pid,
    problem: `${problem} and has no memory`,
    allowed: 'a running user process',
    wayOut: 'name another process',
    skippable: true,
  })
}
