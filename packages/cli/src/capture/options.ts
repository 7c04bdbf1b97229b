/**
 * What can be asked of a capture, with every default filled in.
 *
 * Invariants of `ResolvedOptions`: pids are positive and distinct, and there is at least one pid or a cgroup.
 */
import { existsSync } from 'node:fs'
import { CaptureError } from './capture-error.ts'

/** 16 GiB of resident memory; at this size a capture needs about 400 MiB itself. */
export const DEFAULT_MAX_PAGES = 4_194_304

/** pid_max never exceeds this (PID_MAX_LIMIT of 64-bit kernels). */
const PID_LIMIT = 4_194_304

export interface CaptureOptions {
  /** Processes to capture, one process group each. May be empty if there is a cgroup. */
  pids: number[]
  /** All processes of a cgroup and its children: a path below the cgroup file system, or starting with it. */
  cgroup?: string
  /** Leave out all names and paths, and what address randomisation added to the addresses. */
  anonymize: boolean
  /** Present pages of all processes together above which a capture is refused. */
  maxPages?: number
  /** Where procfs is mounted. */
  procRoot?: string
  /** Where the cgroup file systems are mounted. */
  cgroupRoot?: string
}

export type ResolvedOptions = Required<Omit<CaptureOptions, 'cgroup'>> & { cgroup?: string }

export function resolveOptions(options: CaptureOptions): ResolvedOptions {
  const { pids, cgroup, anonymize } = options
  const maxPages = options.maxPages ?? DEFAULT_MAX_PAGES
  const procRoot = options.procRoot ?? '/proc'
  if (pids.length === 0 && cgroup === undefined) {
    throw new CaptureError({
      field: 'pid',
      value: 'none',
      problem: 'nothing to capture',
      allowed: 'one or more process ids, or a cgroup',
      wayOut: 'name a process or a cgroup',
    })
  }
  for (const pid of pids) checkPid(pid)
  if (!Number.isSafeInteger(maxPages) || maxPages < 1) {
    throw new CaptureError({
      field: 'maxPages',
      value: maxPages,
      problem: 'not a number of pages',
      allowed: 'an integer of at least 1',
      wayOut: `leave it out for the default of ${DEFAULT_MAX_PAGES}`,
    })
  }
  if (!existsSync(procRoot)) {
    throw new CaptureError({
      field: 'procRoot',
      value: procRoot,
      problem: `there is no procfs here (this system is ${process.platform})`,
      allowed: 'Linux with /proc mounted',
      wayOut: 'capture on a Linux machine; the scenario file can be run anywhere',
    })
  }
  const cgroupRoot = options.cgroupRoot ?? '/sys/fs/cgroup'
  const resolved = { pids: [...new Set(pids)], anonymize, maxPages, procRoot, cgroupRoot }
  return cgroup === undefined ? resolved : { ...resolved, cgroup }
}

function checkPid(pid: number): void {
  if (Number.isSafeInteger(pid) && pid >= 1 && pid <= PID_LIMIT) return
  throw new CaptureError({
    field: 'pid',
    value: pid,
    problem: 'not a process id',
    allowed: `an integer from 1 to ${PID_LIMIT}`,
    wayOut: 'find it with `ps` or `pgrep`',
  })
}
