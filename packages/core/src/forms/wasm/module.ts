/**
 * Writes a compiled program as a WebAssembly module: memories, run-fixed values, places of arrays and host functions
 * imported, roots exported, names, positions and reads of run-fixed values in custom sections (of an engine's module, names
 * alone).
 */

import { READS_SECTION } from '../../lib/wasm-constants.ts'
import { POSITIONS_SECTION, RESET_FUNCTION, STACK_SECTION } from '../../lib/wasm-positions.ts'
import type { Place } from '../modules.ts'
import {
  doubleBytes,
  nameBytes,
  section,
  unsigned,
  signed,
  utf8,
  VALUE_TYPES,
  vector,
  writePiece,
} from './bytes.ts'
import type { Result, ValueType } from './code.ts'
import { CPU_GLOBALS } from './intrinsics.ts'
import {
  evenNumber,
  filled,
  type Numbers,
  type Piece,
  readsOf,
  type StoredPiece,
  type WrittenPiece,
} from './pieces.ts'
import { functionPositions, Positions } from './positions.ts'
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
  const numbers = numbersOf(program, [globals, arrays, variables], isEngine ? unsigned : evenNumber)
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
  const resets = variables.length === 0 ? [] : [RESET_FUNCTION]
  const declared = [
    ...functions.map((each) => unsigned(types.of(signatureOf(each)))),
    ...resets.map(() => unsigned(types.of({ parameters: [], result: undefined }))),
  ]
  const pieces = functions.map((fn) => fn.piece ?? writtenPiece(fn))
  const bodies = [
    ...pieces.map((piece) => filled(piece, numbers)),
    ...resets.map(() => resetBody(variables, numbers)),
  ]
  const exports = [
    ...roots.map((root) => exported(root.name, numbers('function', keyOf(root)))),
    ...resets.map((name) => exported(name, unsigned(hosts.length + functions.length))),
  ]
  const before = [
    ...MAGIC,
    ...section(1, vector(types.all)),
    ...section(2, vector(imports)),
    ...section(3, vector(declared)),
    ...(variables.length > 0 ? section(6, vector(variables.map(globalOf))) : []),
    ...section(7, vector(exports)),
  ]
  const code = codeSection(bodies, before.length)
  const names = [...[...hosts, ...functions].map((each) => each.name), ...resets]
  return joined([
    before,
    ...code.parts,
    section(0, [...nameBytes('name'), ...nameSubsection(names)]),
    stacks ? section(0, [...nameBytes(STACK_SECTION), ...utf8(`${stacks.stackBytes}`)]) : [],
    // engines report no places; whoever looks for one runs the JavaScript form
    ...(isEngine ? [] : positionsSection(program, pieces, code.starts)),
    // nor are their values made constants: they serve many machines
    isEngine ? [] : readsSection(pieces, code.starts),
  ])
}

/** In parts, with the offset of each function's locals. @param at - of the section. */
function codeSection(
  bodies: readonly ArrayLike<number>[],
  at: number,
): { parts: ArrayLike<number>[]; starts: number[] } {
  const sized = bodies.map((body) => ({ body, size: unsigned(body.length) }))
  const number = unsigned(bodies.length)
  const bytes = sized.reduce((sum, { body, size }) => sum + size.length + body.length, 0)
  const head = [10, ...unsigned(number.length + bytes), ...number]
  let end = at + head.length
  const starts = sized.map(({ body, size }) => {
    const start = end + size.length
    end = start + body.length
    return start
  })
  return { parts: [head, ...sized.flatMap(({ body, size }) => [size, body])], starts }
}

function joined(parts: readonly ArrayLike<number>[]): Uint8Array {
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

function exported(name: string, number: readonly number[]): number[] {
  return [...nameBytes(name), 0, ...number]
}

/** A variable, with its initial value. */
function globalOf(variable: Variable): number[] {
  const type = variable.type === 'long' ? VALUE_TYPES.f64 : VALUE_TYPES.i32
  return [type, 1, ...initialOf(variable), 0x0b]
}

function initialOf({ type, initial }: Variable): number[] {
  return type === 'long' ? [0x44, ...doubleBytes(initial)] : [0x41, ...signed(initial)]
}

/** The function that gives each variable its initial value, without locals. */
function resetBody(variables: readonly Variable[], numbers: Numbers): number[] {
  const sets = variables.flatMap((variable) => [
    ...initialOf(variable),
    0x24,
    ...numbers('variable', variable.key),
  ])
  return [0, ...sets, 0x0b]
}

/** A function's bytes, before they are part of this module. */
export function writtenPiece(fn: CompiledFunction): WrittenPiece {
  return writePiece(fn.body, fn.locals.slice(fn.parameters))
}

function numbersOf(
  program: Program,
  [globals, arrays, variables]: readonly [
    readonly string[],
    readonly string[],
    readonly Variable[],
  ],
  encode: (n: number) => readonly number[],
): Numbers {
  const functionIndex = new Map<string, number>()
  for (const key of program.hosts.keys()) functionIndex.set(key, functionIndex.size)
  for (const { key } of program.functions) functionIndex.set(key, functionIndex.size)
  const globalIndex = new Map<string, number>()
  for (const name of globals) globalIndex.set(name, globalIndex.size)
  for (const name of arrays) globalIndex.set(`array ${name}`, globalIndex.size)
  const variableIndex = new Map<string, number>()
  for (const { key } of variables) variableIndex.set(key, globalIndex.size + variableIndex.size)
  const indices = { function: functionIndex, global: globalIndex, variable: variableIndex }
  return (kind, name) => {
    const found = indices[kind].get(name)
    if (found === undefined) throw new Error(`the module has no ${kind} ${name}`)
    return encode(found)
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

/** Where the code reads values that are fixed for a run. */
function readsSection(pieces: readonly Piece[], starts: readonly number[]): number[] {
  const places: Record<string, number[]> = {}
  for (const [i, piece] of pieces.entries()) {
    for (const [place, name] of readsOf(piece)) (places[name] ??= []).push((starts[i] ?? 0) + place)
  }
  return section(0, [...nameBytes(READS_SECTION), ...utf8(JSON.stringify(places))])
}

/** In parts: it is more than half of a module. */
function positionsSection(
  program: Program,
  pieces: readonly (StoredPiece | WrittenPiece)[],
  starts: readonly number[],
): ArrayLike<number>[] {
  const positions = new Positions(program.modules)
  const nameOf = (file: string): string => program.nameOf(file)
  const comma = utf8(',')
  const rows = pieces.flatMap((piece, i) => {
    const json =
      'positions' in piece
        ? piece.positions
        : utf8(JSON.stringify(functionPositions(piece, positions, nameOf)))
    return [i === 0 ? [] : comma, utf8(`[${starts[i]},`), json, utf8(']')]
  })
  const content = [nameBytes(POSITIONS_SECTION), utf8('{"functions":['), ...rows, utf8(']}')]
  const size = content.reduce((sum, { length }) => sum + length, 0)
  return [[0, ...unsigned(size)], ...content]
}
