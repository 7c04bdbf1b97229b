/**
 * Writes down the functions of compiled kernels as parts: each way in which a strategy that ships has them compiled, once.
 */

import type { TextModule } from '../modules.ts'
import { outlineOf } from '../outline.ts'
import { utf8 } from './bytes.ts'
import { writtenPiece } from './module.ts'
import { HOLE_KINDS, type KernelParts, type PartData } from './parts.ts'
import type { Piece } from './pieces.ts'
import { functionPositions, Positions } from './positions.ts'
import type { CompiledFunction, Import, Program } from './program.ts'
import { keyOf, placeOf } from './signatures.ts'
import { isMember } from './sizes.ts'

/**
 * @param programs - compiled under one strategy each, all of the same text and by the same options.
 * @param modules - the text, and what it calls; `isText` tells them apart.
 */
export function describeKernels(
  programs: readonly Program[],
  modules: readonly TextModule[],
  isText: (file: string) => boolean,
): KernelParts {
  const words = new Words()
  const bytes = new Bytes()
  const functions = new Map<string, Map<string, PartData>>()
  const hosts = new Map<string, Import>()
  for (const program of programs) {
    if (program.variables.size > 0 || program.arrays.size > 0)
      throw new Error('parts are of text that has its state in the words of the machine')
    for (const [key, signature] of program.hosts) hosts.set(key, signature)
    for (const fn of program.functions) {
      const ways = functions.get(fn.key) ?? new Map<string, PartData>()
      functions.set(fn.key, ways)
      const data = partOf(fn, program, words, bytes)
      ways.set(JSON.stringify(data), data)
    }
  }
  const index = {
    outlines: Object.fromEntries(modules.map((module) => [module.file, outlineOf(module)])),
    constants: constantsOf(programs[0], modules),
    sizes: sizesOf(
      programs[0],
      modules.filter(({ file }) => isText(file)),
      words,
    ),
    hosts: Object.fromEntries(hosts),
    functions: Object.fromEntries(
      [...functions].map(([key, ways]) => [key, [...ways.values()]] as const),
    ),
    words: words.all,
  }
  return { index, bytes: bytes.all() }
}

/** Texts, each once. */
class Words {
  readonly all: string[] = []
  readonly #known = new Map<string, number>()

  of(text: string): number {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    this.#known.set(text, this.all.length)
    return this.all.push(text) - 1
  }

  allOf(texts: Iterable<string>): number[] {
    return [...texts].map((text) => this.of(text))
  }
}

/** Variables that change have no value, nor have those that a run fixes. */
function constantsOf(
  program: Program | undefined,
  modules: readonly TextModule[],
): Record<string, number> {
  const constants: Record<string, number> = {}
  for (const { file, variables, mutable } of modules) {
    for (const name of variables.keys()) {
      const value = mutable.has(name) ? undefined : program?.constants.valueOf({ file, name })
      if (value !== undefined) constants[keyOf({ file, name })] = value
    }
  }
  return constants
}

/** Stretches of bytes one after the other, each once. */
class Bytes {
  readonly #stretches: Uint8Array[] = []
  readonly #known = new Map<string, readonly [number, number]>()
  #end = 0

  add(stretch: Uint8Array): readonly [start: number, end: number] {
    const key = stretch.join()
    const known = this.#known.get(key) ?? [this.#end, this.#end + stretch.length]
    if (known[0] === this.#end) {
      this.#stretches.push(stretch)
      this.#end = known[1]
    }
    this.#known.set(key, known)
    return known
  }

  all(): Uint8Array {
    const all = new Uint8Array(this.#end)
    let at = 0
    for (const stretch of this.#stretches) {
      all.set(stretch, at)
      at += stretch.length
    }
    return all
  }
}

/** Whichever strategy there is. */
function sizesOf(
  program: Program | undefined,
  modules: readonly TextModule[],
  words: Words,
): Record<string, readonly number[]> {
  const sizes: Record<string, readonly number[]> = {}
  for (const { file, functions } of modules) {
    for (const name of functions.keys()) {
      const { own = 0, calls = [] } = program?.ownSizeOf({ file, name }) ?? {}
      sizes[keyOf({ file, name })] = [own, ...words.allOf(calls)]
    }
  }
  return sizes
}

function partOf(fn: CompiledFunction, program: Program, words: Words, bytes: Bytes): PartData {
  const { made, locals, parameters, result } = fn
  if (made === undefined) throw new Error(`${fn.key} was not compiled here`)
  // the others are the same under every strategy
  const callees = [...made.inlined].filter(([key]) => dependsOnStrategy(key, program))
  const piece = writtenPiece(fn)
  const positions = functionPositions(piece, new Positions(program.modules), (file) => file)
  return {
    parameters: locals.slice(0, parameters),
    result: result ?? null,
    members: [...made.members].flatMap((each) => words.allOf(each)),
    inlined: words.allOf(callees.flatMap(([key, isPart]) => (isPart ? [key] : []))),
    called: words.allOf(callees.flatMap(([key, isPart]) => (isPart ? [] : [key]))),
    functions: words.allOf(made.functions),
    hosts: words.allOf(made.hosts),
    globals: words.allOf(made.globals),
    bytes: bytes.add(piece.bytes),
    holes: holesOf(piece, words),
    positions: bytes.add(utf8(JSON.stringify(positions))),
  }
}

function holesOf({ holes }: Piece, words: Words): number[] {
  return holes.flatMap(({ offset, kind, name }, i) => [
    offset - (holes[i - 1]?.offset ?? 0),
    HOLE_KINDS.indexOf(kind),
    words.of(name),
  ])
}

/** Does the size of a function depend on the strategy: does it reach a member, by any chain of calls? */
function dependsOnStrategy(key: string, program: Program): boolean {
  const seen = new Set([key])
  for (const each of seen) {
    for (const called of program.ownSizeOf(placeOf(each)).calls) {
      if (isMember(called)) return true
      seen.add(called)
    }
  }
  return false
}
