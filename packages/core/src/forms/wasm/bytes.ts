/**
 * The binary format of WebAssembly: numbers, names, sections, and the instructions of a function.
 *
 * While a function is written the places of its instructions are noted, relative to its first byte.
 */

import type { Access, Code, Label, Site } from './code.ts'

export const I32 = 0x7f
const VOID = 0x40

/** LEB128 of a number from 0 to 2^32 - 1. */
export function unsigned(n: number): number[] {
  const bytes: number[] = []
  let rest = n
  while (rest >= 128) {
    bytes.push((rest & 127) | 128)
    rest = rest >>> 7
  }
  bytes.push(rest)
  return bytes
}

/** Signed LEB128 of an int32. */
export function signed(n: number): number[] {
  const bytes: number[] = []
  let rest = n
  for (;;) {
    const byte = rest & 127
    rest >>= 7
    const done = (rest === 0 && (byte & 64) === 0) || (rest === -1 && (byte & 64) !== 0)
    bytes.push(done ? byte : byte | 128)
    if (done) return bytes
  }
}

/** A name in UTF-8, with its length. */
export function nameBytes(name: string): number[] {
  const bytes = utf8(name)
  return [...unsigned(bytes.length), ...bytes]
}

export function utf8(text: string): number[] {
  const escaped = encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|[^]/g)
  return [...escaped].map(([char, hex]) =>
    hex === undefined ? char.charCodeAt(0) : Number.parseInt(hex, 16),
  )
}

export function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

export function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

/** What a function's instructions refer to. */
export interface Indices {
  function(key: string): number
  global(name: string): number
}

export interface WrittenBody {
  readonly bytes: number[]
  readonly sites: { readonly offset: number; readonly at: Site }[]
}

/** The body of a function: its size, its locals, its instructions. */
export function writeBody(codes: readonly Code[], locals: number, indices: Indices): WrittenBody {
  const writer = new Writer(indices)
  for (const code of codes) writer.write(code)
  const declarations = locals === 0 ? [0] : [1, ...unsigned(locals), I32]
  const size = declarations.length + writer.bytes.length + 1
  const head = [...unsigned(size), ...declarations]
  const sites = writer.sites.map(({ offset, at }) => ({ offset: offset + head.length, at }))
  return { bytes: [...head, ...writer.bytes, 0x0b], sites }
}

class Writer {
  readonly bytes: number[] = []
  readonly sites: { offset: number; at: Site }[] = []
  readonly #indices: Indices
  /** Innermost last. */
  readonly #labels: (Label | undefined)[] = []

  constructor(indices: Indices) {
    this.#indices = indices
  }

  write(code: Code): void {
    switch (code.op) {
      case 'const':
        return this.#emit(0x41, ...signed(code.value))
      case 'get':
        return this.#emit(0x20, ...unsigned(code.local))
      case 'set':
      case 'tee':
        this.write(code.value)
        return this.#emit(code.op === 'set' ? 0x21 : 0x22, ...unsigned(code.local))
      case 'global':
        return this.#emit(0x23, ...unsigned(this.#indices.global(code.name)))
      case 'plain':
        for (const each of code.operands) this.write(each)
        this.#mark(code.at)
        return this.#emit(code.opcode)
      case 'access':
        return this.#access(code)
      case 'call':
        for (const each of code.operands) this.write(each)
        this.#mark(code.at)
        return this.#emit(0x10, ...unsigned(this.#indices.function(code.callee)))
      case 'if':
        return this.#choice(code)
      case 'block':
      case 'loop':
        return this.#block(code)
      case 'branch':
        if (code.value) this.write(code.value)
        return this.#emit(0x0c, ...unsigned(this.#depth(code.label)))
      case 'return':
        if (code.value) this.write(code.value)
        return this.#emit(0x0f)
      case 'drop':
        this.write(code.value)
        return this.#emit(0x1a)
      case 'unreachable':
        return this.#emit(0x00)
    }
  }

  #emit(...bytes: number[]): void {
    this.bytes.push(...bytes)
  }

  #mark(at: Site | undefined): void {
    if (at !== undefined) this.sites.push({ offset: this.bytes.length, at })
  }

  /** Alignment of four bytes is the one that atomics must have. */
  #access({ address, operands, opcode, offset, at }: Access): void {
    this.write(address)
    for (const each of operands) this.write(each)
    this.#mark(at)
    this.#emit(...opcode, 2, ...unsigned(offset))
  }

  #choice(code: Extract<Code, { op: 'if' }>): void {
    this.write(code.test)
    this.#emit(0x04, code.result ? I32 : VOID)
    this.#labels.push(undefined)
    for (const each of code.yes) this.write(each)
    if (code.no.length > 0) {
      this.#emit(0x05)
      for (const each of code.no) this.write(each)
    }
    this.#labels.pop()
    this.#emit(0x0b)
  }

  #block(code: Extract<Code, { op: 'block' | 'loop' }>): void {
    this.#emit(code.op === 'block' ? 0x02 : 0x03, code.result ? I32 : VOID)
    this.#labels.push(code.label)
    for (const each of code.body) this.write(each)
    this.#labels.pop()
    this.#emit(0x0b)
  }

  #depth(label: Label): number {
    return this.#labels.length - 1 - this.#labels.lastIndexOf(label)
  }
}
