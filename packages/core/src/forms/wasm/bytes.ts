/**
 * The binary format of WebAssembly: numbers, names, sections, and the instructions of a function.
 *
 * While a function is written the places of its instructions are noted, and those where numbers of the module belong.
 */

import {
  type Access,
  type Code,
  type Label,
  OP,
  type Result,
  type Site,
  type ValueType,
} from './code.ts'
import type { Hole, WrittenPiece } from './pieces.ts'

export const VALUE_TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f64: 0x7c }
const VOID = 0x40
/** In the flags of an access: the number of the memory follows. */
const HAS_MEMORY = 0x40
/** Instructions on vectors, after their prefix. */
const VECTOR = 0xfd
const F64X2_SPLAT = 0x14
const F64X2_EXTRACT_LANE = 0x21
const F64X2_PMIN = 0xf6
const F64X2_PMAX = 0xf7

/** LEB128 of a number from 0 to 2^32 - 1, behind the bytes that are there. */
export function unsigned(n: number, bytes: number[] = []): number[] {
  let rest = n
  while (rest >= 128) {
    bytes.push((rest & 127) | 128)
    rest = rest >>> 7
  }
  bytes.push(rest)
  return bytes
}

/** Signed LEB128 of an int32, behind the bytes that are there. */
export function signed(n: number, bytes: number[] = []): number[] {
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

export function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // paths and names are ASCII but for those that users bring
    if (unit > 126) return escapedBytes(text)
    bytes[i] = unit
  }
  return bytes
}

function escapedBytes(text: string): Uint8Array {
  const escaped = encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|[^]/g)
  return Uint8Array.from(escaped, ([char, hex]) =>
    hex === undefined ? char.charCodeAt(0) : Number.parseInt(hex, 16),
  )
}

export function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

export function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

/** The locals (without parameters) and instructions of a function. */
export function writePiece(codes: readonly Code[], locals: readonly ValueType[]): WrittenPiece {
  const writer = new Writer(vector(runsOf(locals)))
  for (const code of codes) writer.write(code)
  const { bytes, holes, sites } = writer
  bytes.push(0x0b)
  return { bytes: Uint8Array.from(bytes), holes, sites }
}

/** Neighbours of the same type, as number and type. */
function runsOf(locals: readonly ValueType[]): number[][] {
  const runs: { type: ValueType; n: number }[] = []
  for (const type of locals) {
    const last = runs.at(-1)
    if (last?.type === type) last.n++
    else runs.push({ type, n: 1 })
  }
  return runs.map(({ type, n }) => [...unsigned(n), VALUE_TYPES[type]])
}

/** The eight bytes of an f64. */
export function doubleBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return bytes
}

class Writer {
  readonly bytes: number[]
  readonly holes: Hole[] = []
  readonly sites: { offset: number; at: Site }[] = []
  /** Innermost last. */
  readonly #labels: (Label | undefined)[] = []

  /** @param bytes - what the instructions are written behind. */
  constructor(bytes: number[]) {
    this.bytes = bytes
  }

  write(code: Code): void {
    switch (code.op) {
      case 'const':
        this.bytes.push(0x41)
        signed(code.value, this.bytes)
        return
      case 'number':
        return this.#emit(0x44, ...doubleBytes(code.value))
      case 'get':
        return this.#indexed(0x20, code.local)
      case 'set':
      case 'tee':
        this.write(code.value)
        return this.#indexed(code.op === 'set' ? 0x21 : 0x22, code.local)
      case 'global':
        return this.#named(0x23, 'global', code.name)
      case 'variable':
        return this.#named(0x23, 'variable', code.name)
      case 'setVariable':
        this.write(code.value)
        return this.#named(0x24, 'variable', code.name)
      case 'plain':
        if (code.opcode === OP.longMin || code.opcode === OP.longMax) return this.#extreme(code)
        for (const each of code.operands) this.write(each)
        this.#mark(code.at)
        if (code.opcode > 0xff) this.#emit(code.opcode >> 8)
        return this.#emit(code.opcode & 0xff)
      case 'access':
        return this.#access(code)
      case 'call':
        for (const each of code.operands) this.write(each)
        this.#mark(code.at)
        return this.#named(0x10, 'function', code.callee)
      case 'if':
        return this.#choice(code)
      case 'block':
      case 'loop':
        return this.#block(code)
      case 'branch':
        if (code.value) this.write(code.value)
        return this.#indexed(0x0c, this.#depth(code.label))
      case 'branchTable':
        return this.#branchTable(code)
      case 'return':
        if (code.value) this.write(code.value)
        return this.#emit(0x0f)
      case 'drop':
        this.write(code.value)
        return this.#emit(0x1a)
      case 'unreachable':
        return this.#emit(0x00)
      case 'stop':
        throw new Error('a stop that was not lowered')
    }
  }

  #emit(...bytes: number[]): void {
    this.bytes.push(...bytes)
  }

  #indexed(opcode: number, index: number): void {
    this.bytes.push(opcode)
    unsigned(index, this.bytes)
  }

  #named(opcode: number, kind: Hole['kind'], name: string): void {
    this.bytes.push(opcode)
    this.holes.push({ offset: this.bytes.length, kind, name })
  }

  #mark(at: Site | undefined): void {
    if (at !== undefined) this.sites.push({ offset: this.bytes.length, at })
  }

  /** Alignment is the natural one, which atomics must have. */
  #access({ address, operands, opcode, offset, at, memory = 0, alignment = 2 }: Access): void {
    this.write(address)
    for (const each of operands) this.write(each)
    this.#mark(at)
    for (const byte of opcode) this.bytes.push(byte)
    if (memory === 0) this.bytes.push(alignment)
    else this.bytes.push(alignment | HAS_MEMORY, memory)
    unsigned(offset, this.bytes)
  }

  /**
   * The lesser or greater of two long integers, as one lane of f64x2.pmin or pmax: a single instruction of x86 and ARM,
   * where f64.min has branches for NaN and -0, which long integers never are.
   */
  #extreme({ opcode, operands }: Extract<Code, { op: 'plain' }>): void {
    for (const each of operands) {
      this.write(each)
      this.#emit(VECTOR, F64X2_SPLAT)
    }
    this.#emit(VECTOR, ...unsigned(opcode === OP.longMin ? F64X2_PMIN : F64X2_PMAX))
    this.#emit(VECTOR, F64X2_EXTRACT_LANE, 0)
  }

  #branchTable({ index, labels }: Extract<Code, { op: 'branchTable' }>): void {
    this.write(index)
    const depths = labels.flatMap((label) => unsigned(this.#depth(label)))
    this.#emit(0x0e, ...unsigned(labels.length - 1), ...depths)
  }

  #choice(code: Extract<Code, { op: 'if' }>): void {
    this.write(code.test)
    this.#emit(0x04, blockType(code.result))
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
    this.#emit(code.op === 'block' ? 0x02 : 0x03, blockType(code.result))
    this.#labels.push(code.label)
    for (const each of code.body) this.write(each)
    this.#labels.pop()
    this.#emit(0x0b)
  }

  #depth(label: Label): number {
    return this.#labels.length - 1 - this.#labels.lastIndexOf(label)
  }
}

function blockType(result: Result): number {
  return result === undefined ? VOID : VALUE_TYPES[result]
}
