/**
 * Writes a compiled program as a WebAssembly module: memories, run-fixed values, places of arrays and host functions
 * imported, roots exported, names and positions in custom sections (of an engine's module, names alone).
 */

import {
  type FrameRow,
  type PositionTable,
  POSITIONS_SECTION,
  STACK_SECTION,
} from '../../lib/wasm-positions.ts'
import type { Place } from '../modules.ts'
import {
  doubleBytes,
  type Indices,
  nameBytes,
  section,
  unsigned,
  signed,
  utf8,
  VALUE_TYPES,
  vector,
  writeBody,
  type WrittenBody,
} from './bytes.ts'
import type { Result, Site, ValueType } from './code.ts'
import { CPU_GLOBALS } from './intrinsics.ts'
import type { CompiledFunction, Program, Variable } from './program.ts'
import { keyOf } from './signatures.ts'

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
/** A shared memory: 4 GiB at most, the module takes any that is smaller. */
const MEMORY = [2, 3, 1, ...unsigned(65536)]

/** A memory that is not shared, of any size. */
const UNSHARED_MEMORY = [2, 0, 0]

/** What a program with stacks of its own adds to a module. */
export interface Stacks {
  /** Bytes of each CPU's, told in a section of the module. */
  readonly stackBytes: number
}

/** What a module is for. */
export interface ModuleKind {
  /** An engine's: text under the kernel's has arrays in a memory of its own, and is not one CPU's. Default: a CPU thread's. */
  readonly isEngine?: boolean
  readonly stacks?: Stacks
}

/** The bytes of the module; `roots` are exported by their names. */
export function writeModule(
  program: Program,
  roots: readonly Place[],
  { isEngine = false, stacks }: ModuleKind = {},
): Uint8Array {
  const { functions } = program
  const hosts = [...program.hosts.values()]
  const globals = [...(isEngine ? [] : CPU_GLOBALS), ...[...program.globals].sort()]
  const arrays = [...program.arrays].sort()
  const variables = [...program.variables.values()]
  const indices = indicesOf(program, globals, arrays, variables)
  const types = new Types()
  const imports = [
    [...nameBytes('env'), ...nameBytes('memory'), ...MEMORY],
    ...(isEngine ? [[...nameBytes('env'), ...nameBytes('arrays'), ...UNSHARED_MEMORY]] : []),
    ...globals.map((name) => importedGlobal('globals', name)),
    ...arrays.map((name) => importedGlobal('arrays', name)),
    ...hosts.map((each) => [
      ...nameBytes('host'),
      ...nameBytes(each.name),
      0,
      ...unsigned(types.of(each)),
    ]),
  ]
  const declared = functions.map((each) => unsigned(types.of(signatureOf(each))))
  const bodies = functions.map((fn) => writeBody(fn.body, fn.locals.slice(fn.parameters), indices))
  const exports = roots.map((root) => [
    ...nameBytes(root.name),
    0,
    ...unsigned(indices.function(keyOf(root))),
  ])
  const before = [
    ...MAGIC,
    ...section(1, vector(types.all)),
    ...section(2, vector(imports)),
    ...section(3, vector(declared)),
    ...(variables.length > 0 ? section(6, vector(variables.map(globalOf))) : []),
    ...section(7, vector(exports)),
  ]
  const number = unsigned(bodies.length)
  const size = bodies.reduce((sum, { bytes }) => sum + bytes.length, number.length)
  const head = [...before, 10, ...unsigned(size), ...number]
  const names = [...hosts, ...functions].map((each) => each.name)
  return joined([
    head,
    ...bodies.map(({ bytes }) => bytes),
    section(0, [...nameBytes('name'), ...nameSubsection(names)]),
    stacks ? section(0, [...nameBytes(STACK_SECTION), ...utf8(`${stacks.stackBytes}`)]) : [],
    // engines report no places; whoever looks for one runs the JavaScript form
    ...(isEngine ? [] : positionsSection(program, bodies, head.length)),
  ])
}

function joined(parts: readonly (readonly number[])[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function importedGlobal(module: string, name: string): number[] {
  return [...nameBytes(module), ...nameBytes(name), 3, VALUE_TYPES.i32, 0]
}

/** A variable, with its initial value. */
function globalOf({ type, initial }: Variable): number[] {
  if (type === 'long') return [VALUE_TYPES.f64, 1, 0x44, ...doubleBytes(initial), 0x0b]
  return [VALUE_TYPES.i32, 1, 0x41, ...signed(initial), 0x0b]
}

function indicesOf(
  program: Program,
  globals: readonly string[],
  arrays: readonly string[],
  variables: readonly Variable[],
): Indices {
  const functionIndex = new Map<string, number>()
  for (const key of program.hosts.keys()) functionIndex.set(key, functionIndex.size)
  for (const { key } of program.functions) functionIndex.set(key, functionIndex.size)
  const globalIndex = new Map<string, number>()
  for (const name of globals) globalIndex.set(name, globalIndex.size)
  for (const name of arrays) globalIndex.set(`array ${name}`, globalIndex.size)
  for (const { key } of variables) globalIndex.set(`variable ${key}`, globalIndex.size)
  const find = (index: Map<string, number>, name: string): number => {
    const found = index.get(name)
    if (found === undefined) throw new Error(`the module has no ${name}`)
    return found
  }
  return {
    function: (key) => find(functionIndex, key),
    global: (name) => find(globalIndex, name),
    variable: (name) => find(globalIndex, `variable ${name}`),
  }
}

interface Signature {
  readonly parameters: readonly ValueType[]
  readonly result: Result
}

function signatureOf({ locals, parameters, result }: CompiledFunction): Signature {
  return { parameters: locals.slice(0, parameters), result }
}

/** Types of functions, each once. */
class Types {
  readonly all: number[][] = []
  readonly #known = new Map<string, number>()

  of({ parameters, result }: Signature): number {
    const key = `${parameters.join(' ')} ${result}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const results = result === undefined ? [0] : [1, VALUE_TYPES[result]]
    this.all.push([0x60, ...vector(parameters.map((each) => [VALUE_TYPES[each]])), ...results])
    this.#known.set(key, this.all.length - 1)
    return this.all.length - 1
  }
}

/** Names of functions, for stack traces and profiles. */
function nameSubsection(names: readonly string[]): number[] {
  const map = vector(names.map((name, i) => [...unsigned(i), ...nameBytes(name)]))
  return [1, ...unsigned(map.length), ...map]
}

/** In parts: it is more than half of a module. */
function positionsSection(
  program: Program,
  bodies: readonly WrittenBody[],
  codeStart: number,
): (readonly number[])[] {
  const builder = new PositionBuilder(program)
  let start = codeStart
  for (const { bytes, sites } of bodies) {
    for (const { offset, at } of sites) builder.add(start + offset, at)
    start += bytes.length
  }
  const name = nameBytes(POSITIONS_SECTION)
  const table = utf8(JSON.stringify(builder.table()))
  return [[0, ...unsigned(name.length + table.length)], name, table]
}

class PositionBuilder {
  readonly #program: Program
  readonly #names = new Map<string, number>()
  readonly #files = new Map<string, number>()
  readonly #frames: FrameRow[] = []
  readonly #known = new Map<Site, number>()
  readonly #offsets: number[] = []
  readonly #lineStarts = new Map<string, number[]>()

  constructor(program: Program) {
    this.#program = program
  }

  add(offset: number, at: Site): void {
    this.#offsets.push(offset, this.#frame(at))
  }

  table(): PositionTable {
    return {
      names: [...this.#names.keys()],
      files: [...this.#files.keys()],
      frames: this.#frames,
      offsets: this.#offsets,
    }
  }

  #frame(site: Site): number {
    const known = this.#known.get(site)
    if (known !== undefined) return known
    const outer = site.inlined === undefined ? -1 : this.#frame(site.inlined)
    const [line, column] = this.#position(site)
    const name = intern(this.#names, site.name)
    const file = intern(this.#files, this.#program.nameOf(site.file))
    this.#frames.push([name, file, line, column, outer])
    this.#known.set(site, this.#frames.length - 1)
    return this.#frames.length - 1
  }

  #position({ file, start }: Site): [number, number] {
    const starts =
      this.#lineStarts.get(file) ?? lineStartsOf(this.#program.modules.byFile.get(file)?.text)
    this.#lineStarts.set(file, starts)
    const line = countUpTo(starts, start)
    return [line, start - (starts[line - 1] ?? 0) + 1]
  }
}

function intern(known: Map<string, number>, text: string): number {
  const index = known.get(text) ?? known.size
  known.set(text, index)
  return index
}

/** How many of ascending numbers are not above a limit. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

function lineStartsOf(text = ''): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
