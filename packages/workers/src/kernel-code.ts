/**
 * The kernel text as WebAssembly: which module a run's CPU threads share, and which ones virtual time and checks run.
 *
 * The built package holds all three for each strategy that ships; from source the text is compiled when it is first needed.
 * For CPU threads it gets the machine's configuration as constants, and V8 compiles it here, once, with all optimisations;
 * the threads share that code: none of them warms up. That takes longer than most runs in virtual time and checks do, so
 * there V8 compiles what is called, and again what is called often.
 */

import {
  type CheckKernel,
  type Configuration,
  configureKernel,
  isValidModule,
  type KernelModule,
  kernelModule,
  STRATEGIES,
  type VirtualKernel,
} from '@mmgather/core'
import type { KernelOptions } from '@mmgather/core/forms'
import { existsSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

import { kernelParts } from './strategy-file/core-files.ts'
import { shown, type StrategyFile } from './strategy-file/strategy-file.ts'

/** Which form of the kernel text runs. */
export type KernelCode = 'wasm' | 'js'

export const KERNEL_CODES: readonly KernelCode[] = ['wasm', 'js']

/** A module with a shared memory and one atomic load. */
const THREADS = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0, 65,
  0, 254, 16, 2, 0, 26, 11,
])

/** Modules of one kernel that are kept: a program may run many configurations. */
const MODULES_MAX = 8

const shippedBytes = new Map<string, Promise<Uint8Array>>()
const userBytes = new WeakMap<StrategyFile, Promise<Uint8Array>>()
/** By the bytes of a kernel, the modules of configurations. */
const modules = new WeakMap<Uint8Array, Map<string, KernelModule>>()
const virtualKernels = new Map<string, VirtualKernel | undefined>()
const checkKernels = new Map<string, CheckKernel | undefined>()

/** Does this runtime run WebAssembly with atomics? */
export function hasWasmThreads(): boolean {
  return isValidModule(THREADS)
}

/**
 * The module of a strategy's kernel for machines of this configuration. Rejects where WebAssembly has no threads, or the text
 * does not compile.
 */
export async function loadKernel(
  strategy: string,
  configuration: Configuration,
): Promise<KernelModule> {
  const bytes = shippedBytes.get(strategy) ?? bytesOf('', strategy, 'compileKernel')
  shippedBytes.set(strategy, bytes)
  return moduleOf(await bytes, configuration)
}

/**
 * The module of a user's strategy with the kernel around it. Rejects with WasmCompileError where the compiler refuses
 * text that JavaScript takes.
 */
export async function loadUserKernel(
  file: StrategyFile,
  configuration: Configuration,
): Promise<KernelModule> {
  const bytes = userBytes.get(file) ?? userKernelBytes(file)
  userBytes.set(file, bytes)
  return moduleOf(await bytes, configuration)
}

/** The module that was made before, or one that is made now; of many, those that were made last are kept. */
function moduleOf(bytes: Uint8Array, configuration: Configuration): KernelModule {
  const made = modules.get(bytes) ?? new Map<string, KernelModule>()
  modules.set(bytes, made)
  const key = JSON.stringify(configuration)
  const module = made.get(key) ?? optimised(configureKernel(bytes, configuration))
  made.set(key, module)
  const [oldest = key] = made.keys()
  if (made.size > MODULES_MAX) made.delete(oldest)
  return module
}

/** The bytes of a user's strategy with the kernel around it, for any configuration. */
export async function userKernelBytes(file: StrategyFile): Promise<Uint8Array> {
  const { compileKernel } = await import('@mmgather/core/forms')
  const parts = kernelParts()
  return compileKernel({ ...userOptions(file), ...(parts && { parts }) })
}

/** The module of a strategy for virtual time; undefined where WebAssembly cannot have several memories. */
export async function loadVirtualKernel(strategy: string): Promise<VirtualKernel | undefined> {
  if (!virtualKernels.has(strategy)) {
    const bytes = await bytesOf('virtual/', strategy, 'compileVirtualKernel')
    virtualKernels.set(strategy, engineKernel(strategy, bytes))
  }
  return virtualKernels.get(strategy)
}

/**
 * The module of a strategy for checks; undefined where WebAssembly cannot have several memories, and for a strategy that does
 * not ship.
 */
export async function loadCheckKernel(strategy: string): Promise<CheckKernel | undefined> {
  if (!STRATEGIES.some((each) => each.strategy.id === strategy)) return undefined
  if (!checkKernels.has(strategy)) {
    const bytes = await bytesOf('check/', strategy, 'compileCheckKernel')
    checkKernels.set(strategy, engineKernel(strategy, bytes))
  }
  return checkKernels.get(strategy)
}

/**
 * Compiles a user's strategy for checks; undefined where the compiler refuses text that JavaScript takes, and where WebAssembly
 * cannot have several memories.
 */
export async function compileUserCheckKernel(file: StrategyFile): Promise<CheckKernel | undefined> {
  const { compileCheckKernel, WasmCompileError } = await import('@mmgather/core/forms')
  try {
    return engineKernel(file.id, compileCheckKernel(userOptions(file)))
  } catch (error) {
    if (error instanceof WasmCompileError) return undefined
    throw error
  }
}

/** What a compiler of the kernel is told of a user's strategy. */
function userOptions({ id, name, texts }: StrategyFile): KernelOptions {
  const [entry = ''] = texts.keys()
  return {
    strategy: id,
    record: { file: entry, name },
    extra: [...texts.keys()],
    read: (file) => texts.get(file) ?? readCoreSource(file),
    nameOf: (file) => (texts.has(file) ? shown(file) : file),
  }
}

function engineKernel(strategy: string, bytes: Uint8Array): VirtualKernel | undefined {
  return isValidModule(bytes) ? { strategy, module: kernelModule(bytes) } : undefined
}

/** The bytes that the build has written to a folder of its own, or else those that are compiled now. */
async function bytesOf(
  folder: '' | 'virtual/' | 'check/',
  strategy: string,
  compile: 'compileKernel' | 'compileVirtualKernel' | 'compileCheckKernel',
): Promise<Uint8Array> {
  const built = new URL(`./kernel/${folder}${encodeURIComponent(strategy)}.wasm`, import.meta.url)
  if (existsSync(built)) return readFileSync(built)
  const forms = await import('@mmgather/core/forms')
  return forms[compile]({ strategy, read: readCoreSource })
}

/** The text of a file of @mmgather/core, whose package ships its sources. */
function readCoreSource(file: string): string | undefined {
  const core = new URL('./', import.meta.resolve('@mmgather/core/package.json'))
  try {
    return readFileSync(new URL(file.replace('packages/core/', ''), core), 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Compiles with V8's optimising compiler at once: by default code is compiled when it is first called, quickly, and
 * again later. The flags are V8's; where it does not know them nothing happens. They are put back, so that other
 * WebAssembly in the process is compiled as ever.
 */
export function optimised(bytes: Uint8Array): KernelModule {
  setFlagsFromString('--no-liftoff')
  setFlagsFromString('--no-wasm-lazy-compilation')
  try {
    return kernelModule(bytes)
  } finally {
    setFlagsFromString('--wasm-lazy-compilation')
    setFlagsFromString('--liftoff')
  }
}
