/**
 * Parts of compiled kernels: functions that were compiled when mmgather was built, found again for another strategy.
 *
 * A function is compiled the same way whenever the members of the strategy that it asks for are the same, and the same
 * callees become part of it. A part says both; it is taken where they hold, so a strategy that changes one member needs few
 * functions compiled. Invariant: the module that comes out is the same, byte for byte, with parts and without.
 */

import type { Place, TextModule } from '../modules.ts'
import { type Outline, outlinedModule } from '../outline.ts'
import type { ValueType } from './code.ts'
import type { Hole } from './pieces.ts'
import type { CompiledFunction, Import } from './program.ts'
import { keyOf, placeOf } from './signatures.ts'
import type { OwnSize } from './sizes.ts'

export interface KernelParts {
  readonly index: PartsIndex
  /** The bytes of all parts, one after the other. */
  readonly bytes: Uint8Array
}

/** Plain data. A number that stands for a text is its index in `words`. */
export interface PartsIndex {
  readonly words: readonly string[]
  /** Of the files of the text and those that it calls. */
  readonly outlines: Readonly<Record<string, Outline>>
  /** By key: integers of module level. */
  readonly constants: Readonly<Record<string, number>>
  /** By key: the function's own size, then what it calls as words. */
  readonly sizes: Readonly<Record<string, readonly number[]>>
  readonly hosts: Readonly<Record<string, Import>>
  /** By key, each way in which a function was compiled. */
  readonly functions: Readonly<Record<string, readonly PartData[]>>
}

export interface PartData {
  readonly parameters: readonly ValueType[]
  readonly result: ValueType | null
  /** Members of the strategy that were asked for, and what they are: words, one after the other. */
  readonly members: readonly number[]
  /** Of callees whose size depends on the strategy, those that are part of the function and those that are not: words. */
  readonly inlined: readonly number[]
  readonly called: readonly number[]
  /** What the module must have: words. */
  readonly functions: readonly number[]
  readonly hosts: readonly number[]
  readonly globals: readonly number[]
  /** Where in the bytes of all parts its own are, and its FunctionPositions as JSON. */
  readonly bytes: Stretch
  readonly positions: Stretch
  /** Offset from the one before, kind, and name as a word. */
  readonly holes: readonly number[]
}

type Stretch = readonly [start: number, end: number]

export const HOLE_KINDS: readonly Hole['kind'][] = ['function', 'global', 'variable']

/** What holds for the strategy that is compiled now. */
export interface Now {
  member(path: string): string
  inlines(key: string): boolean
}

/** A part that fits, with what the module must have for it. */
export interface Part {
  readonly compiled: CompiledFunction
  readonly functions: readonly string[]
  readonly globals: readonly string[]
  readonly hosts: readonly (readonly [key: string, signature: Import])[]
}

export class Parts {
  readonly #data: PartsIndex
  readonly #bytes: Uint8Array

  constructor({ index, bytes }: KernelParts) {
    this.#data = index
    this.#bytes = bytes
  }

  /** The modules of the text, each declaration of which is parsed when it is needed. */
  modules(read: (file: string) => string | undefined): TextModule[] {
    return Object.entries(this.#data.outlines).map(([file, outline]) =>
      outlinedModule(file, outline, () => read(file) ?? ''),
    )
  }

  constantOf(place: Place): number | undefined {
    return this.#data.constants[keyOf(place)]
  }

  sizeOf(key: string): OwnSize | undefined {
    const [own, ...calls] = this.#data.sizes[key] ?? []
    return own === undefined ? undefined : { own, calls: this.#words(calls) }
  }

  find(key: string, now: Now): Part | undefined {
    const data = this.#data.functions[key]?.find((each) => this.#holds(each, now))
    if (data === undefined) return undefined
    const { parameters, result } = data
    return {
      compiled: {
        key,
        name: placeOf(key).name,
        parameters: parameters.length,
        result: result ?? undefined,
        locals: parameters,
        body: [],
        piece: {
          bytes: this.#bytes.subarray(...data.bytes),
          holes: this.#holes(data.holes),
          positions: this.#bytes.subarray(...data.positions),
        },
      },
      functions: this.#words(data.functions),
      globals: this.#words(data.globals),
      hosts: this.#words(data.hosts).flatMap((host) => {
        const signature = this.#data.hosts[host]
        return signature === undefined ? [] : [[host, signature] as const]
      }),
    }
  }

  #holds({ members, inlined, called }: PartData, now: Now): boolean {
    for (let i = 0; i < members.length; i += 2)
      if (now.member(this.#word(members[i])) !== this.#word(members[i + 1])) return false
    if (inlined.some((callee) => !now.inlines(this.#word(callee)))) return false
    return !called.some((callee) => now.inlines(this.#word(callee)))
  }

  #holes(rows: readonly number[]): Hole[] {
    const holes: Hole[] = []
    let offset = 0
    for (let i = 0; i < rows.length; i += 3) {
      offset += rows[i] ?? 0
      const kind = HOLE_KINDS[rows[i + 1] ?? 0] ?? 'function'
      holes.push({ offset, kind, name: this.#word(rows[i + 2]) })
    }
    return holes
  }

  #words(indices: readonly number[]): string[] {
    return indices.map((index) => this.#word(index))
  }

  #word(index: number | undefined): string {
    return this.#data.words[index ?? -1] ?? ''
  }
}
