/** Compiles small texts that stop, with the loop that resumes them, on memories of their own. */
import { INTRINSICS, VIRTUAL_INTRINSICS } from '../../../src/forms/wasm/intrinsics.ts'
import { Modules, parseModule } from '../../../src/forms/modules.ts'
import { writeModule } from '../../../src/forms/wasm/module.ts'
import { Program } from '../../../src/forms/wasm/program.ts'
import { addStacks } from '../../../src/forms/wasm/stacks.ts'
import { RESET_FUNCTION } from '../../../src/lib/wasm-positions.ts'

const FILES: Record<string, string> = {
  'memory.ts': 'export let mem: Int32Array = new Int32Array(0)',
  'globals.ts': 'export let CPU_BASE = 0; export let CPU_STRIDE = 0',
  'host.ts': 'export function told(value: number): number { return value }',
  'programs.ts': 'export function resumeProgram(cpu: number): number { return 0 }',
}
const IMPORTS =
  "import { mem } from './memory.ts'; import { told } from './host.ts'; import { resumeProgram } from './programs.ts'; "
const LOOP =
  'export function step(cpu: number): number { return resumeProgram(cpu) }; let longs: Float64Array = new Float64Array(0); let shorts: Int16Array = new Int16Array(0); '

/** What a CPU's program answers when it stops. */
export const DONE = 2

export interface Stopping {
  /** Lets a CPU's program `main(CPU_BASE + cpu * CPU_STRIDE)` run to its next stop, or to its end: DONE. */
  readonly step: (cpu: number) => number
  mem: Int32Array
  longs: Float64Array
  shorts: Int16Array
  /** What `told` was called with; it answers one more. */
  told: number[]
}

/** A compiled one, which can be brought back to its start. */
export interface Restartable extends Stopping {
  readonly restart: () => void
}

interface Exports {
  step(cpu: number): number
  /** Absent: the text has no variables. */
  [RESET_FUNCTION]?(): void
}

interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: Exports }
  Memory: new (descriptor: object) => { buffer: ArrayBuffer }
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }

/** Compiles `main` of this text, which may use told, mem, longs and shorts. */
export function compileStops(text: string, inlineLimit: number): Restartable {
  const files = { ...FILES, 'text.ts': `${IMPORTS}${LOOP}${text}` }
  const resolve = (_: string, specifier: string): string => specifier.replace('./', '')
  const program = new Program({
    modules: new Modules(
      Object.entries(files).map(([file, source]) => parseModule(file, source, resolve)),
    ),
    strategy: { file: 'text.ts', name: 'none' },
    globals: new Set(['globals.ts']),
    words: 'memory.ts',
    isHost: (file) => file === 'host.ts',
    intrinsics: { ...INTRINSICS, ...VIRTUAL_INTRINSICS },
    intrinsicFiles: new Set(['programs.ts']),
    inlineLimit,
  })
  const main = { file: 'text.ts', name: 'main' }
  const step = { file: 'text.ts', name: 'step' }
  program.compile([step, main])
  const stacks = addStacks(program, main)
  const module = new WebAssembly.Module(writeModule(program, [step], { isEngine: true, stacks }))
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const arrays = new WebAssembly.Memory({ initial: 1, maximum: 1 })
  const told: number[] = []
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory, arrays },
    globals: { CPU_BASE: 100, CPU_STRIDE: 10 },
    arrays: { longs: 64, shorts: 1024, stacks: 2048 },
    host: {
      told: (value: number) => {
        told.push(value)
        return (value + 1) | 0
      },
    },
  })
  return {
    step: (cpu) => exports.step(cpu),
    mem: new Int32Array(memory.buffer),
    longs: new Float64Array(arrays.buffer, 64, 16),
    shorts: new Int16Array(arrays.buffer, 1024, 16),
    told,
    restart: () => {
      exports[RESET_FUNCTION]?.()
      new Uint8Array(memory.buffer).fill(0)
      new Uint8Array(arrays.buffer).fill(0)
      told.length = 0
    },
  }
}
