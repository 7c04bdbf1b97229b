/**
 * Compiles the kernel text, under one strategy, to a WebAssembly module.
 *
 * Which files are text, which are called in JavaScript, and where the roots are is said here once: the build compiles the
 * strategies that ship, and whoever runs from source compiles when it loads. The text is found by its imports.
 */

import { isKernelText, SRC } from '../derive.ts'
import { Modules, parseModule, type Place, type TextModule } from '../modules.ts'
import { HOST_FILES } from '../rules/check.ts'
import { Constants } from './constants.ts'
import { WasmCompileError } from './errors.ts'
import { INTRINSICS, type Intrinsics } from './intrinsics.ts'
import { writeModule } from './module.ts'
import { Program } from './program.ts'

const ROOT: Place = { file: `${SRC}kernel/exit.ts`, name: 'cpuMain' }
const STRATEGIES = `${SRC}mm/strategies/index.ts`
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

export interface KernelOptions {
  /** Id of the strategy. */
  strategy: string
  /** The text of a file, by its path from the root of the repository; undefined where there is none. */
  read: (file: string) => string | undefined
  /** Files of further text, strategies among them. */
  extra?: readonly string[]
  /** Is this file of the further text called in JavaScript? Default: none is. */
  isExtraHost?: (file: string) => boolean
  /** For tests and measurements: instructions other than the usual. */
  intrinsics?: Intrinsics
  inlineLimit?: number
}

/** The bytes of the module. Throws WasmCompileError, ParseError. */
export function compileKernel(options: KernelOptions): Uint8Array {
  const { extra = [], isExtraHost = () => false } = options
  const isText = (file: string): boolean =>
    SYNC_TEXT.has(file) ||
    (extra.includes(file) && !isExtraHost(file)) ||
    (isKernelText(file) && !(file in HOST_FILES))
  const modules = readModules([ROOT.file, STRATEGIES, ...extra], options.read, isText)
  const program = new Program({
    modules,
    strategy: findRecord(modules, options.strategy),
    globals: `${SRC}machine/globals.ts`,
    isHost: (file) => !isText(file),
    intrinsics: options.intrinsics ?? INTRINSICS,
    intrinsicFiles: INTRINSIC_FILES,
    inlineLimit: options.inlineLimit ?? INLINE_LIMIT,
  })
  program.compile([ROOT])
  return writeModule(program, [ROOT])
}

/** The entries and, from text, all that is imported. */
function readModules(
  entries: readonly string[],
  read: (file: string) => string | undefined,
  isText: (file: string) => boolean,
): Modules {
  const modules = new Map<string, TextModule>()
  const queue = [...entries]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const text = modules.has(file) ? undefined : read(file)
    if (text === undefined) continue
    const module = parseModule(file, text)
    modules.set(file, module)
    if (isText(file) || file === STRATEGIES) queue.push(...module.sources.map((each) => each.file))
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
