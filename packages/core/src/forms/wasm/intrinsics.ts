/**
 * The functions that compile to one instruction: plain accesses (machine/memory.ts), atomic ones (sync/atomic-ops.ts),
 * and what a CPU thread binds once, its own address among it.
 *
 * An address is a word index; `base + CONSTANT` becomes the instruction's own offset. Everything atomic is sequentially
 * consistent, as Atomics are.
 */

import { type Access, binary, type Code, constant, OP, type Site } from './code.ts'

/** How a call of an intrinsic becomes code. */
export interface Intrinsic {
  readonly parameters: number
  readonly result: boolean
  emit(operands: readonly Code[], at: Site, local: () => number): Code
}

export type Intrinsics = Readonly<Record<string, Intrinsic>>

/** Values that a CPU thread binds, and that are imported as globals of these names. */
export const CPU_GLOBALS = ['cpuSelf', 'spinLimit'] as const

function ofCpu(name: (typeof CPU_GLOBALS)[number]): Intrinsic {
  return { parameters: 0, result: true, emit: () => ({ op: 'global', name }) }
}

function access(opcode: readonly number[], parameters: number, result: boolean): Intrinsic {
  return {
    parameters,
    result,
    emit: ([address = constant(0), ...operands], at): Code => ({
      op: 'access',
      opcode,
      ...byteAddress(address),
      operands,
      at,
    }),
  }
}

export const INTRINSICS: Intrinsics = {
  load: access([0x28], 1, true),
  store: access([0x36], 2, false),
  fetchAdd: access([0xfe, 0x1e], 2, true),
  fetchSub: access([0xfe, 0x25], 2, true),
  fetchAnd: access([0xfe, 0x2c], 2, true),
  fetchOr: access([0xfe, 0x33], 2, true),
  compareExchange: access([0xfe, 0x48], 3, true),
  atomicLoad: access([0xfe, 0x10], 1, true),
  atomicStore: access([0xfe, 0x17], 2, false),
  atomicNotify: {
    parameters: 1,
    result: false,
    emit: ([address = constant(0)], at) => ({
      op: 'drop',
      value: {
        op: 'access',
        opcode: [0xfe, 0x00],
        ...byteAddress(address),
        // all who wait
        operands: [constant(-1)],
        at,
      },
    }),
  },
  cpuSelf: ofCpu('cpuSelf'),
  spinLimit: ofCpu('spinLimit'),
}

/** In virtual time accesses of kernel text are text; what resumes a CPU is made by the compiler (stacks.ts). */
export const VIRTUAL_INTRINSICS: Intrinsics = {
  load: access([0x28], 1, true),
  store: access([0x36], 2, false),
  resumeProgram: {
    parameters: 1,
    result: true,
    emit: (operands, at) => ({ op: 'call', callee: 'resumeProgram', operands, result: 'i32', at }),
  },
}

/** The byte address of a word, or of an element of 2^shift bytes, with what is constant in it as the instruction's offset. */
export function byteAddress(index: Code, shift = 2): Pick<Access, 'address' | 'offset'> {
  const { terms, words } = sumOf(index)
  // an offset is no int32 beyond 2^31 bytes
  if (words < 0 || words >= 2 ** (31 - shift))
    return { address: binary(OP.shl, index, constant(shift)), offset: 0 }
  const [first = constant(0), ...rest] = terms
  const base = rest.reduce((sum, term) => binary(OP.add, sum, term), first)
  return { address: binary(OP.shl, base, constant(shift)), offset: words << shift }
}

/** A sum's terms without the constant ones, and the sum of those. */
function sumOf(code: Code): { terms: Code[]; words: number } {
  if (code.op === 'const') return { terms: [], words: code.value }
  if (code.op !== 'plain' || code.opcode !== OP.add) return { terms: [code], words: 0 }
  const parts = code.operands.map(sumOf)
  return {
    terms: parts.flatMap((part) => part.terms),
    words: parts.reduce((sum, part) => sum + part.words, 0),
  }
}
