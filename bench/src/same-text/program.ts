/**
 * C of the kernel text as a tool: emits it, compiles it with the C compiler of this machine, if there is one, and runs it on
 * an image of a machine.
 *
 * Owns the temporary folder, which is gone when the program is closed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { Configuration } from '../../../packages/core/src/engines/compiled-kernel.ts'
import { kernelProgram } from '../../../packages/core/src/forms/wasm/kernel.ts'
import { GLOBAL_NAMES } from '../../../packages/core/src/machine/globals.ts'
import * as layout from '../../../packages/core/src/machine/layout.ts'
import { cNameOf, emitProgram } from './emit-c.ts'

const ROOT = new URL('../../../', import.meta.url)
const HOST = fileURLToPath(new URL('host.c', import.meta.url))
const BUCKETS = { file: 'packages/core/src/lib/log-linear.ts', name: 'bucketOf' }
/** Words that host.c knows by name. */
const WORDS = [
  'CPU_HELD_LOCK',
  'CPU_LOCKSTAT',
  'CPU_HISTOGRAMS',
  'LOCKSTAT_WORDS',
  'HISTOGRAM_WORDS',
  'LS_HOLD_SAMPLES',
  'LS_HOLD_TOTAL',
  'LS_HOLD_MIN',
  'LS_HOLD_MAX',
] as const

/** -O2 with wrapping sums, as WebAssembly has them. */
const FLAGS = ['-std=gnu11', '-O2', '-fwrapv', '-fno-strict-aliasing']

export type TextBuild =
  | { state: 'built'; compiler: string; folder: string; binary: string }
  | { state: 'unavailable'; reason: string }

/** Reads a file of the repository. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, ROOT), 'utf8')
  } catch {
    return undefined
  }
}

/** The kernel under one strategy, in C; functions are left as they are, cc inlines. */
export function emitKernel(
  strategy: string,
  read: typeof readText = readText,
  configuration: Configuration = {},
): string {
  const program = kernelProgram({ strategy, read, inlineLimit: 0 }, [BUCKETS])
  const globalWord = (name: string): number => {
    const index = GLOBAL_NAMES.findIndex((each) => each === name)
    if (index < 0) throw new Error(`no run-fixed value ${name}`)
    return layout.CONTROL + layout.CTL_GLOBALS + index
  }
  const words = new Map<string, unknown>(Object.entries(layout))
  const defines = [
    ...WORDS.map((name) => `#define ${name} ${String(words.get(name))}`),
    `#define CPU_MAIN ${cNameOf(program, 'cpuMain')}`,
    `#define BUCKET_OF ${cNameOf(program, BUCKETS.name)}`,
  ]
  return [...defines, emitProgram(program, globalWord, configuration), ''].join('\n')
}

/** Is there a C compiler on this machine? */
export function hasCompiler(compiler: string = process.env['CC'] ?? 'cc'): boolean {
  return spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0
}

/**
 * Compiles the text, for machines of one configuration if one is given. The folder is removed by `TextProgram.close`, or
 * by whoever never opens one.
 */
export function buildText(
  strategy: string,
  {
    compiler = process.env['CC'] ?? 'cc',
    read = readText,
    configuration,
  }: { compiler?: string; read?: typeof readText; configuration?: Configuration | undefined } = {},
): TextBuild {
  const folder = mkdtempSync(join(tmpdir(), 'mmgather-c-'))
  const binary = join(folder, 'text')
  writeFileSync(join(folder, 'kernel.inc'), emitKernel(strategy, read, configuration))
  copyFileSync(HOST, join(folder, 'host.c'))
  const args = [...FLAGS, '-o', binary, join(folder, 'host.c')]
  const { error, status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' })
  if (error === undefined && status === 0)
    return { state: 'built', compiler: `${compiler} ${FLAGS.join(' ')}`, folder, binary }
  rmSync(folder, { recursive: true })
  if (error !== undefined)
    return { state: 'unavailable', reason: `no C compiler: ${compiler}: ${error.message}` }
  throw new Error(`${compiler} ${args.join(' ')} failed: ${stderr.slice(0, 2000)}`)
}

/** The program with the image of a machine loaded, waiting for lines. */
export class TextProgram {
  readonly #folder: string
  readonly #process: ChildProcess
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>

  /** @param cpus - how many CPUs run, one after the other. @param still - the clock stands still. */
  constructor(
    { folder, binary }: Extract<TextBuild, { state: 'built' }>,
    words: Int32Array,
    cpus: number,
    still = false,
  ) {
    this.#folder = folder
    const image = join(folder, 'image')
    writeFileSync(image, new Uint8Array(words.buffer, words.byteOffset, words.byteLength))
    const args = [image, String(cpus), ...(still ? ['--still'] : [])]
    const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#process = child
    this.#lines = createInterface({ input: child.stdout })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** Restores the image and runs it; nanoseconds of wall time. */
  run(): Promise<number> {
    return this.#ask('run')
  }

  /** The machine's words as the last run left them. */
  async words(): Promise<Int32Array> {
    const file = join(this.#folder, 'words')
    await this.#ask(`write ${file}`)
    const { buffer, byteOffset, byteLength } = readFileSync(file)
    return new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength))
  }

  /** Ends the program and removes its folder. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.stdin?.end()
    await ended
    this.#lines.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #ask(line: string): Promise<number> {
    this.#process.stdin?.write(`${line}\n`)
    const { value, done } = await this.#answers.next()
    if (done === true) throw new Error(`C of the text ended at '${line}'`)
    return Number(value)
  }
}
