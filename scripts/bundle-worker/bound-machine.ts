/**
 * What makes the bundle of a thread fast: its machine (and a CPU thread's CPU and strategy) are known when it is evaluated,
 * so what other code binds at run time, or passes down as a parameter, becomes a constant of the scope.
 *
 * machine/memory.ts: `mem` is a `const`, whose address and length the JIT compiler folds into the code (about 1 ns less
 * for each access). machine/globals.ts: the run-fixed values are `const`s, so branches on them disappear.
 * sync/atomic-ops.ts: the compiled operations of atomic-ops-wasm.ts take the place of Atomics calls.
 *
 * Invariant: each replacement exports the same names as the module it replaces (tested).
 */
import { GLOBAL_NAMES } from '../../packages/core/src/machine/globals.ts'
import { CONTROL, CTL_GLOBALS } from '../../packages/core/src/machine/layout.ts'

const MEMORY = `import { workerData } from 'node:worker_threads'
const memory = workerData.memory
`

function boundMemory(): string {
  return `${MEMORY}export const mem = new Int32Array(memory.buffer)
export function bindMemory(words) {
  if (words.buffer !== mem.buffer) throw new Error('a CPU thread works on one machine')
}
export function load(address) {
  return mem[address | 0]
}
export function store(address, value) {
  mem[address | 0] = value | 0
}
`
}

function boundGlobals(): string {
  const first = CONTROL + CTL_GLOBALS
  const values = GLOBAL_NAMES.map((name, i) => `export const ${name} = words[${first + i}]`)
  return `${MEMORY}const words = new Int32Array(memory.buffer)
${values.join('\n')}
export const GLOBAL_NAMES = ${JSON.stringify(GLOBAL_NAMES)}
export function bindGlobals(_mem) {}
export function writeGlobals() {
  throw new Error('a CPU thread makes no machines')
}
`
}

function boundAtomicOps(): string {
  const names = [
    'fetchAdd',
    'fetchSub',
    'fetchAnd',
    'fetchOr',
    'compareExchange',
    'atomicLoad',
    'atomicStore',
  ]
  return `${MEMORY}import { compileAtomicOps } from './atomic-ops-wasm.ts'
import { mem } from '../machine/memory.ts'
const ops = compileAtomicOps(memory)
${names.map((name) => `export const ${name} = ops.${name}`).join('\n')}
export function atomicWait(address, value, timeoutMs) {
  Atomics.wait(mem, address, value, timeoutMs)
}
export function atomicNotify(address) {
  Atomics.notify(mem, address)
}
`
}

/** The replaced modules, by the end of their path. */
export const BOUND_MODULES: ReadonlyMap<string, () => string> = new Map([
  ['packages/core/src/machine/memory.ts', boundMemory],
  ['packages/core/src/machine/globals.ts', boundGlobals],
  ['packages/core/src/sync/atomic-ops.ts', boundAtomicOps],
])

/**
 * Top-level function declarations of a bundle become constants. A declaration could be assigned to, so the JIT compiler
 * compares the callee at every inlined call; a constant it knows. Lines stay where they are.
 */
export function constantFunctions(code: string): string {
  return code.replace(/^function (\w+)\(/gm, 'const $1 = function $1(')
}

/** Where a module begins in a bundle. */
const MODULE = /^\/\/ (packages\/\S+\.ts)$/

/**
 * In a CPU thread the parameters `cpu` and `strategy` of the kernel text have one value, so they become constants of the
 * bundle: a parameter's name gets an underscore, and its uses find the constant. An access to a per-CPU word is then one
 * at a fixed address, a call through the strategy a direct one. Lines stay where they are.
 */
export function constantParameters(code: string): string {
  let module = ''
  let strategyKnown = false
  const lines = code.split('\n').map((line) => {
    const begins = MODULE.exec(line)?.[1]
    if (begins !== undefined) {
      const before = module
      module = begins
      // behind the list of strategies, on the line of the comment that begins the next module
      if (before.endsWith('mm/strategies/index.ts')) {
        strategyKnown = true
        return `const strategy = findStrategy(workerData.strategy); ${line}`
      }
      if (before.endsWith('machine/globals.ts'))
        return `const cpu = CPU_BASE + workerData.cpu * CPU_STRIDE; ${line}`
      return line
    }
    if (!/^packages\/core\/src\/(mm|kernel)\//.test(module)) return line
    if (!/^(const \w+ = )?function \w*\(/.test(line)) return line
    return line.replace(/\(.*\)/, (list) => list.replace(/\b(cpu|strategy)\b/g, '_$1'))
  })
  if (!strategyKnown) throw new Error('bundle-worker: the list of strategies is not in the bundle')
  return lines.join('\n')
}

/** A rolldown plugin that puts the bound modules in the place of the others. */
export function boundMachine(): {
  name: string
  load(id: string): { code: string; moduleType: 'js' } | null
} {
  return {
    name: 'bound-machine',
    load(id) {
      const normal = id.replaceAll('\\', '/')
      for (const [suffix, code] of BOUND_MODULES) {
        if (normal.endsWith(suffix)) return { code: code(), moduleType: 'js' }
      }
      return null
    },
  }
}
