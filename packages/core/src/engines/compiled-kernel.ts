/**
 * Kernel text as a WebAssembly module, bound to a machine and a CPU: what a CPU thread runs in place of the JavaScript.
 *
 * The module imports the machine's memory, the values that its run fixes, and the functions of `sync/` that are not
 * compiled: waiting, timing, giving up. So those are the same functions in both forms. Invariants: the thread has bound
 * the same machine and CPU (`bindMachine`, `bindLiveCpu`) before compiled text runs; the machine was made for the module's
 * strategy and, where that is constant in the module, its configuration. Nothing checks the latter.
 */

import { CONTROL, CTL_GLOBALS } from '../machine/layout.ts'
import { GLOBAL_NAMES, type GlobalName, type Globals } from '../machine/globals.ts'
import type { Machine } from '../machine/machine.ts'
import {
  framesAt,
  type KernelFrame,
  POSITIONS_SECTION,
  type PositionTable,
  wasmOffset,
} from '../lib/wasm-positions.ts'
import { withConstants } from '../lib/wasm-constants.ts'
import { beginWait, endWait, holdBegin, holdEnd, lookAndNap } from '../sync/live-contention.ts'
import { abortRun, cpuSelf, reportBug, spinLimit } from '../sync/live-cpu.ts'
import { delayNs } from '../sync/live-delay.ts'

/** A WebAssembly.Module of kernel text; it can be posted to a worker. */
export interface KernelModule {
  readonly [Symbol.toStringTag]?: string
}

/** Compiled kernel text that can run. */
export interface CompiledKernel {
  /** All of a CPU's processes; `cpu` is the address of its block. */
  cpuMain(cpu: number): void
}

/** What configuration and tunables decide (machine/limits.ts): small numbers, many of them tested on the way of every page. */
const CONFIGURATION: readonly GlobalName[] = [
  'SPARSE',
  'LOCK_KIND',
  'DEAL_QUEUE',
  'CONFIG_SWAP',
  'TABLE_FREE',
  'INIT_ON_FREE',
  'GATHER_PAGES_RESERVE',
  'PCP_DRAIN_ALL',
  'DEFERRED_SPLIT_PMD',
  'SWAP_CLUSTER_MAX',
  'PAGEVEC_SIZE',
  'MMU_GATHER_BUNDLE',
  'FREE_CHUNK',
  'NEED_RESCHED_EVERY',
  'NEED_RESCHED_MEAN',
]

/** The configuration of a machine. */
export type Configuration = Readonly<Partial<Globals>>

type HostFunction = (...values: number[]) => number | void

interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean
  Module: {
    new (bytes: Uint8Array): KernelModule
    customSections(module: KernelModule, name: string): ArrayBuffer[]
  }
  Instance: new (
    module: KernelModule,
    imports: object,
  ) => { exports: { cpuMain(cpu: number): void } }
}

const HOST: Readonly<Record<string, HostFunction>> = {
  beginWait,
  endWait,
  lookAndNap,
  holdBegin,
  holdEnd,
  delayNs,
  abortRun,
  reportBug,
}

function api(): WebAssemblyApi {
  return (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
}

/** Are these bytes a module that this runtime takes? */
export function isValidModule(bytes: Uint8Array): boolean {
  return api().validate(bytes)
}

/** What a module can have as constants of its code. */
export function configurationOf(globals: Readonly<Globals>): Configuration {
  return Object.fromEntries(CONFIGURATION.map((name) => [name, globals[name]]))
}

/**
 * The bytes of a module that `compileKernel` wrote, for machines of this configuration alone: a tenth less time a page, and
 * no place in it moves. On a machine of another configuration it does wrong, and does not notice.
 */
export function configureKernel(bytes: Uint8Array, configuration: Configuration): Uint8Array {
  return withConstants(bytes, configuration)
}

/** The module of bytes that the compiler wrote. */
export function kernelModule(bytes: Uint8Array): KernelModule {
  return new (api().Module)(bytes)
}

/** What a machine's run fixes (machine/globals.ts), by name: every module imports it. */
export function fixedValues(machine: Machine): Record<string, number> {
  const values = fixedWords(machine)
  return Object.fromEntries(GLOBAL_NAMES.map((name, i) => [name, values[i] as number]))
}

/** The same without the names. */
export function fixedWords({ words }: Machine): Int32Array {
  const from = CONTROL + CTL_GLOBALS
  return words.subarray(from, from + GLOBAL_NAMES.length)
}

/**
 * Binds compiled text to the machine and the CPU that this thread has bound.
 * @param host - further functions in JavaScript that the text calls.
 */
export function instantiateKernel(
  module: KernelModule,
  machine: Machine,
  host: Readonly<Record<string, HostFunction>> = {},
): CompiledKernel {
  const instance = new (api().Instance)(module, {
    env: { memory: machine.memory },
    globals: { ...fixedValues(machine), cpuSelf: cpuSelf(), spinLimit: spinLimit() },
    host: { ...HOST, ...host },
  })
  return { cpuMain: (cpu) => instance.exports.cpuMain(cpu) }
}

const tables = new WeakMap<KernelModule, PositionTable>()

/**
 * The frames of kernel text in a stack trace (or a part of one) of an error that came through the module's code, in any
 * thread; innermost first. The module's table of positions is read the first time, which takes tens of milliseconds.
 */
export function kernelFrames(module: KernelModule, stack: string): KernelFrame[] {
  return stack.split('\n').flatMap((line) => {
    const offset = wasmOffset(line)
    if (offset === undefined) return []
    const table = tables.get(module) ?? positionsOf(module)
    tables.set(module, table)
    return framesAt(table, offset)
  })
}

/** Bytes that become a string at once. */
const CHUNK = 8192

function positionsOf(module: KernelModule): PositionTable {
  const [section] = api().Module.customSections(module, POSITIONS_SECTION)
  const bytes = new Uint8Array(section ?? new ArrayBuffer(0))
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK)
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  if (text === '') return { functions: [] }
  return JSON.parse(decodeURIComponent(escapeBytes(text))) as PositionTable
}

/** UTF-8 bytes, one a character, as percent escapes. */
function escapeBytes(text: string): string {
  return text.replaceAll(/[%\u0080-\u00ff]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
}
