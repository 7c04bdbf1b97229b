/**
 * The instructions between kernel text and WebAssembly: a tree with structured control, locals by number, labels by
 * identity.
 *
 * Every value is an i32. `at` says where in the text an instruction comes from, for those that can trap or be on a
 * stack. Invariant: a node is used in one place, but for `const`, `get` and `global`, which have no effect.
 */

/** A place in the text; `inlined`: the call through which this function's text got into another. */
export interface Site {
  readonly file: string
  readonly start: number
  readonly name: string
  readonly inlined: Site | undefined
}

/** Target of a branch. */
export interface Label {
  used: boolean
}

export type Code =
  | { readonly op: 'const'; readonly value: number }
  | { readonly op: 'get'; readonly local: number }
  | { readonly op: 'set' | 'tee'; readonly local: number; readonly value: Code }
  | { readonly op: 'global'; readonly name: string }
  | {
      readonly op: 'plain'
      readonly opcode: number
      readonly operands: readonly Code[]
      readonly at?: Site
    }
  | Access
  | {
      readonly op: 'call'
      readonly callee: string
      readonly operands: readonly Code[]
      readonly at: Site
    }
  | {
      readonly op: 'if'
      readonly test: Code
      readonly yes: readonly Code[]
      readonly no: readonly Code[]
      readonly result: boolean
    }
  | {
      readonly op: 'block' | 'loop'
      readonly label: Label
      readonly body: readonly Code[]
      readonly result: boolean
    }
  | { readonly op: 'branch'; readonly label: Label; readonly value?: Code }
  | { readonly op: 'return'; readonly value?: Code }
  | { readonly op: 'drop'; readonly value: Code }
  | { readonly op: 'unreachable' }

/** A load, store or atomic of the word at `address` (in bytes) + `offset` (in bytes). */
export interface Access {
  readonly op: 'access'
  readonly opcode: readonly number[]
  readonly address: Code
  readonly offset: number
  readonly operands: readonly Code[]
  readonly at: Site
}

/** Opcodes of instructions on values. */
export const OP = {
  eqz: 0x45,
  eq: 0x46,
  ne: 0x47,
  lt: 0x48,
  gt: 0x4a,
  le: 0x4c,
  ge: 0x4e,
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  div: 0x6d,
  rem: 0x6f,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shl: 0x74,
  shr: 0x75,
  select: 0x1b,
} as const

const FOLD: Readonly<Record<number, (a: number, b: number) => number>> = {
  [OP.eq]: (a, b) => Number(a === b),
  [OP.ne]: (a, b) => Number(a !== b),
  [OP.lt]: (a, b) => Number(a < b),
  [OP.gt]: (a, b) => Number(a > b),
  [OP.le]: (a, b) => Number(a <= b),
  [OP.ge]: (a, b) => Number(a >= b),
  [OP.add]: (a, b) => (a + b) | 0,
  [OP.sub]: (a, b) => (a - b) | 0,
  [OP.mul]: Math.imul,
  [OP.and]: (a, b) => a & b,
  [OP.or]: (a, b) => a | b,
  [OP.xor]: (a, b) => a ^ b,
  [OP.shl]: (a, b) => a << b,
  [OP.shr]: (a, b) => a >> b,
}

export function constant(value: number): Code {
  return { op: 'const', value: value | 0 }
}

/** An instruction of two operands, computed here where both are known. */
export function binary(opcode: number, a: Code, b: Code, at?: Site): Code {
  const fold = FOLD[opcode]
  if (fold !== undefined && a.op === 'const' && b.op === 'const')
    return constant(fold(a.value, b.value))
  if (b.op === 'const' && b.value === 0) {
    if (opcode === OP.add || opcode === OP.sub) return a
    if (opcode === OP.eq) return not(a)
  }
  if (a.op === 'const' && a.value === 0 && opcode === OP.add) return b
  return { op: 'plain', opcode, operands: [a, b], ...(at === undefined ? {} : { at }) }
}

export function not(a: Code): Code {
  if (a.op === 'const') return constant(Number(a.value === 0))
  return { op: 'plain', opcode: OP.eqz, operands: [a] }
}

/** A choice, made here where the condition is known. */
export function choose(
  test: Code,
  yes: readonly Code[],
  no: readonly Code[],
  result: boolean,
): Code[] {
  if (test.op === 'const') return [...(test.value !== 0 ? yes : no)]
  return [{ op: 'if', test, yes, no, result }]
}

/** A list of instructions of which the last leaves a value, as one. */
export function sequence(codes: readonly Code[]): Code {
  const [only] = codes
  if (only !== undefined && codes.length === 1) return only
  return { op: 'block', label: { used: false }, body: codes, result: true }
}

/** Does control never come to what follows this instruction? */
export function leaves(code: Code | undefined): boolean {
  if (code === undefined) return false
  if (code.op === 'branch' || code.op === 'return' || code.op === 'unreachable') return true
  if (code.op !== 'if' || code.result) return false
  return leaves(code.yes.at(-1)) && leaves(code.no.at(-1))
}
