/** Compiles small texts, and runs them on a memory of their own. */
import { readFileSync } from 'node:fs'

import { framesAt, POSITIONS_SECTION, type PositionTable } from '../../../src/lib/wasm-positions.ts'
import { Modules, parseModule } from '../../../src/forms/modules.ts'
import { INTRINSICS } from '../../../src/forms/wasm/intrinsics.ts'
import { writeModule } from '../../../src/forms/wasm/module.ts'
import { Program } from '../../../src/forms/wasm/program.ts'

/** The text of a file of the repository. */
export function readSource(file: string): string | undefined {
  try {
    return readFileSync(new URL(`../../../../../${file}`, import.meta.url), 'utf8')
  } catch {
    return undefined
  }
}

const MEMORY = `
export function load(address: number): number { return 0 }
export function store(address: number, value: number): void {}
export function fetchAdd(address: number, value: number): number { return 0 }
export function compareExchange(address: number, expected: number, value: number): number { return 0 }
`
const IMPORTS = `
import { load, store, fetchAdd, compareExchange } from './memory.ts'
import { BASE } from './globals.ts'
import { refuse, told } from './host.ts'
`
const FILES: Record<string, string> = {
  'memory.ts': MEMORY,
  'globals.ts': 'export let BASE = 0',
  'host.ts':
    'export function told(value: number): number { return value }; export function refuse(value: number): never { for (;;); }',
}

export interface Small {
  f(...values: number[]): number
  words: Int32Array
  /** What `told` and `refuse` were called with; the latter comes back, which its type says that it never does. */
  told: number[]
  table: PositionTable
}

interface WebAssemblyApi {
  Module: {
    new (bytes: Uint8Array): object
    customSections(module: object, name: string): ArrayBuffer[]
  }
  Instance: new (module: object, imports: object) => { exports: { f(...v: number[]): number } }
  Memory: new (descriptor: {
    initial: number
    maximum: number
    shared: true
  }) => {
    buffer: SharedArrayBuffer
  }
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }

/** The module of the function `f` of this text, which may use load, store, BASE, told and refuse. */
export function compileBytes(
  text: string,
  inlineLimit: number,
  memberOf: Readonly<Record<string, string>> = {},
): Uint8Array {
  const files = { ...FILES, 'text.ts': `${IMPORTS.trim().replaceAll('\n', '; ')}; ${text}` }
  const resolve = (_: string, specifier: string): string => specifier.replace('./', '')
  const modules = new Modules(
    Object.entries(files).map(([file, source]) => parseModule(file, source, resolve)),
  )
  const program = new Program({
    modules,
    strategy: { file: 'text.ts', name: 'strategy1' },
    globals: new Set(['globals.ts']),
    memberOf,
    isHost: (file) => file === 'host.ts',
    intrinsics: INTRINSICS,
    intrinsicFiles: new Set(['memory.ts']),
    inlineLimit,
  })
  const root = { file: 'text.ts', name: 'f' }
  program.compile([root])
  return writeModule(program, [root])
}

export function compileSmall(
  text: string,
  inlineLimit = 40,
  memberOf: Readonly<Record<string, string>> = {},
): Small {
  return instantiateSmall(compileBytes(text, inlineLimit, memberOf))
}

/** The module that `compileBytes` made, BASE being 1000. */
export function instantiateSmall(bytes: Uint8Array): Small {
  const module = new WebAssembly.Module(bytes)
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const told: number[] = []
  const instance = new WebAssembly.Instance(module, {
    env: { memory },
    globals: { cpuSelf: 16, spinLimit: 100, BASE: 1000 },
    host: {
      told: (value: number) => {
        told.push(value)
        return (value + 1) | 0
      },
      refuse: (value: number) => told.push(value),
    },
  })
  const [section = new ArrayBuffer(0)] = WebAssembly.Module.customSections(
    module,
    POSITIONS_SECTION,
  )
  const table = JSON.parse(new TextDecoder().decode(section)) as PositionTable
  return {
    f: (...values) => instance.exports.f(...values),
    words: new Int32Array(memory.buffer),
    told,
    table,
  }
}

/** `name file:line:column` of the frames of an error, innermost first. */
export function framesOf(small: Small, error: Error): string[] {
  const offsets = [...(error.stack ?? '').matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)]
  return offsets.flatMap(([, hex = '']) =>
    framesAt(small.table, Number.parseInt(hex, 16)).map(
      ({ name, file, line, column }) => `${name} ${file}:${line}:${column}`,
    ),
  )
}
