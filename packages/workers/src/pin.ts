/**
 * Binds CPU threads to cores, where the system allows it: best effort, with a word on what came of it.
 *
 * Linux only: util-linux' taskset on the id of each thread. CPU i goes to the i-th core that this process may use, and
 * only if there are as many cores as CPUs: with fewer, pinned threads would wait for each other on one core while
 * another is idle.
 */

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const TASKSET_TIMEOUT_MS = 2000

/** Were the threads pinned, and to what or why not. */
export interface Pinning {
  pinned: boolean
  note: string
}

/** The cores that this process may use, in order; empty where the system does not say. */
export function allowedCores(): number[] {
  return coresOf('/proc/self/status')
}

/** Numbers in a list like `0-3,8`, as /proc writes it. */
export function parseCoreList(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? []
    if (first === undefined) return []
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i)
  })
}

/** Why these CPUs are not to be pinned, or undefined. */
function reasonNot(wanted: boolean, cpus: number, cores: readonly number[]): string | undefined {
  if (!wanted) return 'not pinned: switched off'
  if (process.platform !== 'linux') return `not pinned: no portable way on ${process.platform}`
  if (cores.length === 0) return 'not pinned: /proc/self/status does not list the allowed cores'
  if (cpus > cores.length) return `not pinned: ${cpus} CPUs on ${cores.length} cores`
  return undefined
}

/**
 * Pins thread i to the i-th allowed core. Never rejects.
 * @param threads - ids in the operating system, 0 for one that is not known.
 */
export async function pinThreads(threads: readonly number[], wanted: boolean): Promise<Pinning> {
  const cores = allowedCores()
  const reason = reasonNot(wanted, threads.length, cores)
  if (reason !== undefined) return { pinned: false, note: reason }
  const failures = await Promise.all(threads.map((thread, i) => pinThread(thread, cores[i] ?? 0)))
  const failure = failures.find((each) => each !== undefined)
  if (failure !== undefined) return { pinned: false, note: `not pinned: ${failure}` }
  return { pinned: true, note: `one core each: ${cores.slice(0, threads.length).join(', ')}` }
}

/** Undefined if the thread is on that core alone now, else why not. */
export async function pinThread(thread: number, core: number): Promise<string | undefined> {
  if (thread === 0) return 'the system does not tell the ids of threads'
  try {
    await promisify(execFile)('taskset', ['-cp', String(core), String(thread)], {
      timeout: TASKSET_TIMEOUT_MS,
    })
  } catch (error) {
    return tasksetError(error)
  }
  const found = coresOf(`/proc/self/task/${thread}/status`)
  return found.length === 1 && found[0] === core ? undefined : 'taskset had no effect'
}

function tasksetError(error: unknown): string {
  const { code, stderr } = error as { code?: unknown; stderr?: unknown }
  if (code === 'ENOENT') return 'taskset (util-linux) is not installed'
  const said = typeof stderr === 'string' ? stderr.trim().split('\n')[0] : ''
  return said === undefined || said === '' ? `taskset failed (${String(code)})` : said
}

function coresOf(statusFile: string): number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(statusFile, 'utf8'))?.[1]
    return parseCoreList(list ?? '')
  } catch {
    return []
  }
}
