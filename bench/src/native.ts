/**
 * The native C reference as a tool: builds bench/native/ref.c with the C compiler of this machine, if
 * there is one, and runs it. Owns the form of its answer.
 */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, renameSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import {
  NATIVE_EVENTS,
  type NativeEvents,
} from '../../packages/core/test/native-ref/native-config.ts'

const SOURCE = fileURLToPath(new URL('../native/ref.c', import.meta.url))
const BINARY = fileURLToPath(new URL('../native/ref', import.meta.url))

const OUTPUT_BYTES_MAX = 1 << 24

export type NativeBuild =
  | { state: 'built'; compiler: string }
  | { state: 'unavailable'; reason: string }

export interface NativeResult {
  mapped_ptes: number
  /** Wall time of each run, from the first CPU's start to the last one's end. */
  wall_ns: number[]
  ns_per_page: { median: number; min: number; max: number; best_cycle: number }
  events: NativeEvents
}

/** The compiler's own choice of instructions first; not every compiler knows every machine. */
const FLAGS = [
  ['-std=gnu11', '-O3', '-march=native'],
  ['-std=gnu11', '-O3'],
] as const

/** Builds the program, unless it is there and newer than its source. */
export function buildNative(compiler: string = process.env['CC'] ?? 'cc'): NativeBuild {
  return isFresh() ? { state: 'built', compiler: 'an earlier build' } : compileNative(compiler)
}

export function compileNative(compiler: string): NativeBuild {
  // Under another name first: a run that is under way, of some other process, must not lose its program.
  const output = `${BINARY}-${process.pid}`
  let reason = ''
  for (const flags of FLAGS) {
    const args = [...flags, '-o', output, SOURCE, '-lpthread']
    const { error, status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' })
    if (error !== undefined) {
      return { state: 'unavailable', reason: `no C compiler: ${compiler}: ${error.message}` }
    }
    if (status === 0) {
      renameSync(output, BINARY)
      return { state: 'built', compiler: `${compiler} ${flags.join(' ')}` }
    }
    reason = `${compiler} ${flags.join(' ')} failed: ${stderr.trim()}`
  }
  return { state: 'unavailable', reason }
}

function isFresh(): boolean {
  return existsSync(BINARY) && statSync(BINARY).mtimeMs >= statSync(SOURCE).mtimeMs
}

const execFileAsync = promisify(execFile)

/** Runs the built program once; it verifies its own end state and fails if that is wrong. */
export async function runNative(args: readonly string[]): Promise<NativeResult> {
  const options = { maxBuffer: OUTPUT_BYTES_MAX }
  const { stdout } = await execFileAsync(BINARY, [...args, '--json'], options)
  const result = JSON.parse(stdout) as NativeResult
  const missing = NATIVE_EVENTS.filter((event) => typeof result.events[event] !== 'number')
  if (missing.length > 0) throw new Error(`native reference: no count of ${missing.join(', ')}`)
  return result
}
