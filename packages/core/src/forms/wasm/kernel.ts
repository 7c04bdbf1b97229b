/**
 * Compiles the kernel text, under one strategy, to a WebAssembly module: for a CPU thread, for virtual time, or for a check.
 *
 * Which files are text, which are called in JavaScript, and where the roots are is said here once: the build compiles the
 * strategies that ship, and whoever runs from source compiles when it loads. The text is found by its imports.
 */

import { KERNEL_VALUES } from '../../lib/kernel-values.ts'
import { formFile, isApi, isKernelText, SRC } from '../derive.ts'
import { Modules, parseModule, type Place, type TextModule } from '../modules.ts'
import { HOST_FILES } from '../rules/check.ts'
import { resolveUserImport, SUBPATHS } from '../users/files.ts'
import { Constants } from './constants.ts'
import { describeKernels } from './describe-kernel.ts'
import { WasmCompileError } from './errors.ts'
import { INTRINSICS, type Intrinsics, VIRTUAL_INTRINSICS } from './intrinsics.ts'
import { writeModule } from './module.ts'
import { type KernelParts, Parts } from './parts.ts'
import { Program } from './program.ts'
import { addStacks } from './stacks.ts'

const ROOT: Place = { file: `${SRC}kernel/exit.ts`, name: 'cpuMain' }
const STRATEGIES = `${SRC}mm/strategies/index.ts`
const GLOBALS = `${SRC}machine/globals.ts`
const MEMORY = `${SRC}machine/memory.ts`
/** The loop of events of virtual time, and what of it is called from outside. */
const VIRTUAL_LOOP = `${SRC}sync/virtual-loop.ts`
const VIRTUAL_ROOTS = ['startCpus', 'nextTurn', 'runEvents']
const DERIVED = `${SRC}generated/conditional/`
/** Virtual text: what runs while virtual CPUs do. */
const VIRTUAL_TEXT = new Set([
  `${SRC}lib/log-linear.ts`,
  `${SRC}sync/resched.ts`,
  `${SRC}sync/virtual.ts`,
  ...[
    'clock',
    'interrupts',
    'lines',
    'lock-figures',
    'loop',
    'memory',
    'queue',
    'spinlock',
    'tlb',
    'work',
  ].map((name) => `${SRC}sync/virtual-${name}.ts`),
])
const CHECK_PRIMITIVES = `${SRC}sync/check.ts`
const CHECK_MEMORY = `${SRC}sync/check-memory.ts`
/** Check text: what keeps track of the kernel text of a check. */
const CHECK_TEXT = new Set([
  `${SRC}sync/resched.ts`,
  `${SRC}sync/live.ts`,
  CHECK_PRIMITIVES,
  ...[
    'dpor',
    'kinds',
    'log',
    'marks',
    'memory',
    'ops',
    'perform',
    'races',
    'rule-counters',
    'rule-entries',
    'rule-gather',
    'rule-locks',
    'rule-pending',
    'rule-pfnmap',
    'rule-words',
    'rules',
    'shadow',
    'state',
    'step',
    'trace',
    'undo',
  ].map((name) => `${SRC}sync/check-${name}.ts`),
])
/** Primitives that are text: they keep to its rules, too. */
const SYNC_TEXT = new Set(
  ['live.ts', 'live-spinlock.ts', 'live-spinlock-wait.ts', 'resched.ts'].map(
    (file) => `${SRC}sync/${file}`,
  ),
)
const INTRINSIC_FILES = new Set(
  ['machine/memory.ts', 'sync/atomic-ops.ts', 'sync/live-cpu.ts'].map((file) => SRC + file),
)
/**
 * Above what a function that is called from many places should weigh, below the visit of a page table (measured: a
 * larger one is not faster).
 */
const INLINE_LIMIT = 130
const VIRTUAL_INLINE_LIMIT = 60
const CHECK_INLINE_LIMIT = 60
const CHECK_TEXT_INLINE_LIMIT = 400

export interface KernelOptions {
  /** Id of the strategy. */
  strategy: string
  /** The text of a file, by its path from the root of the repository; undefined where there is none. */
  read: (file: string) => string | undefined
  /** Files of further text, strategies among them. Like users' files, they may import `@mmgather/core/kernel` and so on. */
  extra?: readonly string[]
  /** The strategy's record, where its id alone does not say which it is. */
  record?: Place
  /** The name of a file in messages and in the table of positions; default: the file. */
  nameOf?: (file: string) => string
  /** Is this file of the further text called in JavaScript? Default: none is. */
  isExtraHost?: (file: string) => boolean
  /** Functions of the same text that were compiled before, to use again. Not with other instructions, or another limit. */
  parts?: KernelParts
  /** For tests and measurements: instructions other than the usual. */
  intrinsics?: Intrinsics
  inlineLimit?: number
}

/** The bytes of the module. Throws WasmCompileError, ParseError. */
export function compileKernel(options: KernelOptions): Uint8Array {
  return writeModule(kernelProgram(options), [ROOT])
}

/**
 * The kernel's functions as code, before it is written in any format.
 * @param others - further functions to compile, of modules that need not be kernel text.
 */
export function kernelProgram(options: KernelOptions, others: readonly Place[] = []): Program {
  const { extra = [], isExtraHost = () => false } = options
  const isText = (file: string): boolean =>
    isLiveText(file) ||
    others.some((place) => place.file === file) ||
    (extra.includes(file) && !isExtraHost(file))
  // further text finds its imports by way of lists of names
  const leadsOn = (file: string): boolean => isText(file) || (extra.length > 0 && isApi(file))
  const entries = [ROOT.file, STRATEGIES, ...extra, ...others.map(({ file }) => file)]
  const parts =
    isUsual(options) && others.length === 0 ? options.parts && new Parts(options.parts) : undefined
  const modules =
    parts === undefined
      ? readModules(entries, options.read, leadsOn, new Set(extra))
      : new Modules([
          ...parts.modules(options.read),
          ...readModules(extra, options.read, () => false, new Set(extra)).byFile.values(),
        ])
  const program = new Program({
    modules,
    strategy: options.record ?? findRecord(modules, options.strategy),
    globals: new Set([GLOBALS]),
    memberOf: KERNEL_VALUES,
    isHost: (file) => !isText(file),
    intrinsics: options.intrinsics ?? INTRINSICS,
    intrinsicFiles: INTRINSIC_FILES,
    inlineLimit: options.inlineLimit ?? INLINE_LIMIT,
    ...(options.nameOf && { nameOf: options.nameOf }),
    ...(parts && { parts }),
  })
  program.compile([ROOT, ...others])
  return program
}

/** Are functions of the text compiled as they always are? */
function isUsual({ intrinsics, inlineLimit }: KernelOptions): boolean {
  return intrinsics === undefined && inlineLimit === undefined
}

/** Is this file compiled for CPU threads, whatever else is? */
function isLiveText(file: string): boolean {
  return SYNC_TEXT.has(file) || (isKernelText(file) && !(file in HOST_FILES))
}

/** The functions of the kernel as these strategies have them, to be used again for others. Throws WasmCompileError, ParseError. */
export function describeKernel(
  strategies: readonly string[],
  read: (file: string) => string | undefined,
): KernelParts {
  const programs = strategies.map((strategy) => kernelProgram({ strategy, read }))
  const leadsOn = (file: string): boolean => isLiveText(file) || isApi(file)
  const entries = [ROOT.file, STRATEGIES, ...Object.values(SUBPATHS)]
  const modules = [...readModules(entries, read, leadsOn).byFile.values()]
  return describeKernels(programs, modules, isLiveText)
}

/**
 * The bytes of the module for virtual time: the conditional form of the kernel text with the virtual text under it, from
 * the loop of events on. Throws WasmCompileError, ParseError.
 */
export function compileVirtualKernel({
  strategy,
  read,
  program: root = { file: formFile('conditional', ROOT.file), name: ROOT.name },
  inlineLimit = VIRTUAL_INLINE_LIMIT,
}: VirtualKernelOptions): Uint8Array {
  const isText = (file: string): boolean =>
    VIRTUAL_TEXT.has(file) ||
    file === root.file ||
    file.startsWith(DERIVED) ||
    // accessors that virtual text uses itself, without charging anybody
    (isKernelText(file) && !(file in HOST_FILES))
  const strategies = formFile('conditional', STRATEGIES)
  const modules = readModules([root.file, strategies, VIRTUAL_LOOP], read, isText)
  const program = new Program({
    modules,
    strategy: findRecord(modules, strategy),
    globals: new Set([GLOBALS, `${SRC}sync/virtual-costs.ts`]),
    memberOf: KERNEL_VALUES,
    words: MEMORY,
    isHost: (file) => !isText(file),
    intrinsics: VIRTUAL_INTRINSICS,
    intrinsicFiles: new Set([`${SRC}sync/virtual-programs.ts`, MEMORY]),
    inlineLimit,
  })
  const roots = VIRTUAL_ROOTS.map((name) => ({ file: VIRTUAL_LOOP, name }))
  program.compile([...roots, root])
  const stacks = addStacks(program, root)
  return writeModule(program, roots, { isEngine: true, stacks })
}

/**
 * The bytes of the module for a check: the raw form of the kernel text with the check text under it. Throws WasmCompileError,
 * ParseError.
 */
export function compileCheckKernel({
  strategy,
  read,
  extra = [],
  record,
  nameOf,
  inlineLimit = CHECK_INLINE_LIMIT,
}: CheckKernelOptions): Uint8Array {
  const root = { file: formFile('raw', ROOT.file), name: ROOT.name }
  const isText = (file: string): boolean =>
    CHECK_TEXT.has(file) ||
    file.startsWith(`${SRC}generated/raw/`) ||
    extra.includes(file) ||
    (isKernelText(file) && !(file in HOST_FILES))
  const entries = [root.file, formFile('raw', STRATEGIES), ...extra]
  // the raw form of a user's text is the text, on the raw form of what it imports
  const resolve = (file: string, specifier: string): string =>
    formFile('raw', resolveUserImport(file, specifier))
  const modules = readModules(entries, read, isText, new Set(extra), resolve)
  const program = new Program({
    modules,
    strategy: record ?? findRecord(modules, strategy),
    globals: new Set([GLOBALS]),
    memberOf: KERNEL_VALUES,
    words: MEMORY,
    isHost: (file) => !isText(file),
    intrinsics: INTRINSICS,
    intrinsicFiles: new Set([MEMORY, `${SRC}sync/atomic-ops.ts`]),
    inlineLimit,
    limitOf: checkLimitOf,
    ...(nameOf && { nameOf }),
  })
  program.compile([root])
  return writeModule(program, [root], { isEngine: true })
}

/** Accesses and primitives, with all that keeps track of them, are too large to stand at each of their places, and are called. */
function checkLimitOf({ file, name }: Place): number | undefined {
  if (file === CHECK_PRIMITIVES || (file === CHECK_MEMORY && (name === 'load' || name === 'store')))
    return 0
  return CHECK_TEXT.has(file) ? CHECK_TEXT_INLINE_LIMIT : undefined
}

export type CheckKernelOptions = Pick<
  KernelOptions,
  'strategy' | 'read' | 'extra' | 'record' | 'nameOf' | 'inlineLimit'
>

export interface VirtualKernelOptions
  extends Pick<KernelOptions, 'strategy' | 'read' | 'inlineLimit'> {
  /** What each CPU runs: a function of text in the conditional form. Default: the kernel's cpuMain. */
  program?: { readonly file: string; readonly name: string }
}

/** The entries and, from text, all that is imported. */
function readModules(
  entries: readonly string[],
  read: (file: string) => string | undefined,
  leadsOn: (file: string) => boolean,
  extra: ReadonlySet<string> = new Set(),
  resolveExtra: (file: string, specifier: string) => string = resolveUserImport,
): Modules {
  const modules = new Map<string, TextModule>()
  const queue = [...entries]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const text = modules.has(file) ? undefined : read(file)
    if (text === undefined) continue
    const module = parseModule(file, text, extra.has(file) ? resolveExtra : undefined)
    modules.set(file, module)
    if (leadsOn(file) || file === STRATEGIES) queue.push(...module.sources.map((each) => each.file))
  }
  return new Modules(modules.values())
}

function findRecord(modules: Modules, strategy: string): Place {
  const constants = new Constants(modules)
  const places = [...modules.byFile.values()].flatMap(({ file, records }) =>
    [...records.keys()].map((name) => ({ file, name })),
  )
  const found = places.findLast((place) => constants.idOf(place) === strategy)
  if (found !== undefined) return found
  const known = places.map((place) => constants.idOf(place)).join(', ')
  throw new WasmCompileError([`no strategy ${strategy} in the text; there are ${known}`])
}
