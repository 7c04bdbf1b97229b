/**
 * The instructions between kernel text and WebAssembly: a tree with structured control, locals by number, labels by
 * identity.
 *
 * A value is an i32, or an f64 for integers beyond 32 bits. `at` says where in the text an instruction comes from, for those that can trap or be on a
 * stack. Invariant: a node is used in one place, but for `const`, `get`, `global` and `variable`, which have no effect.
 */

/** A place in the text; `inlined`: the call through which this function's text got into another. */
export interface Site {
  readonly file: string
  readonly start: number
  readonly name: string
  readonly inlined: Site | undefined
}

export type ValueType = 'i32' | 'f64'

/** What a block, a choice or a function leaves. */
export type Result = ValueType | undefined

/** Target of a branch. */
export interface Label {
  /** Branches that were made to it. */
  uses: number
}

export type Code =
  | { readonly op: 'const'; readonly value: number }
  /** A constant f64. */
  | { readonly op: 'number'; readonly value: number }
  | { readonly op: 'get'; readonly local: number }
  | { readonly op: 'set' | 'tee'; readonly local: number; readonly value: Code }
  /** An imported value that never changes. */
  | { readonly op: 'global'; readonly name: string }
  /** A variable of module level. */
  | { readonly op: 'variable'; readonly name: string; readonly type: ValueType }
  | { readonly op: 'setVariable'; readonly name: string; readonly value: Code }
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
      readonly result: Result
      /** The CPU may stop in what is called. */
      readonly stops?: true
      readonly at: Site
    }
  /** The CPU stops here, and goes on here. */
  | { readonly op: 'stop'; readonly reason: number }
  | {
      readonly op: 'if'
      readonly test: Code
      readonly yes: readonly Code[]
      readonly no: readonly Code[]
      readonly result: Result
    }
  | {
      readonly op: 'block' | 'loop'
      readonly label: Label
      readonly body: readonly Code[]
      readonly result: Result
    }
  | { readonly op: 'branch'; readonly label: Label; readonly value?: Code }
  /** To the label of this index; beyond: to the last. */
  | { readonly op: 'branchTable'; readonly index: Code; readonly labels: readonly Label[] }
  | { readonly op: 'return'; readonly value?: Code }
  | { readonly op: 'drop'; readonly value: Code }
  | { readonly op: 'unreachable' }

/** A load, store or atomic at `address` (in bytes) + `offset` (in bytes). */
export interface Access {
  readonly op: 'access'
  readonly opcode: readonly number[]
  /** Default: the machine's. */
  readonly memory?: number
  /** log2 of the bytes; default: a word's. */
  readonly alignment?: number
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
  clz: 0x67,
  // of f64
  longEq: 0x61,
  longNe: 0x62,
  longLt: 0x63,
  longGt: 0x64,
  longLe: 0x65,
  longGe: 0x66,
  longFloor: 0x9c,
  longAdd: 0xa0,
  longSub: 0xa1,
  longMul: 0xa2,
  longDiv: 0xa3,
  longMin: 0xa4,
  longMax: 0xa5,
  /** f64.convert_i32_s */
  longOfInt: 0xb7,
  /** i64.trunc_sat_f64_s, then i32.wrap_i64: what `| 0` does. */
  truncate: 0xfc06,
  wrap: 0xa7,
} as const

/** Opcodes of instructions on f64 that leave one. */
export const LEAVES_LONG: ReadonlySet<number> = new Set([
  OP.longFloor,
  OP.longAdd,
  OP.longSub,
  OP.longMul,
  OP.longDiv,
  OP.longMin,
  OP.longMax,
  OP.longOfInt,
])

export const LOAD_LONG = 0x2b

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

/** An i32 as f64. */
export function longOf(code: Code): Code {
  if (code.op === 'const') return { op: 'number', value: code.value }
  return { op: 'plain', opcode: OP.longOfInt, operands: [code] }
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
  result: Result,
): Code[] {
  if (test.op === 'const') return [...(test.value !== 0 ? yes : no)]
  return [{ op: 'if', test, yes, no, result }]
}

/** A list of instructions of which the last leaves a value, as one. */
export function sequence(codes: readonly Code[], result: ValueType = 'i32'): Code {
  const [only] = codes
  if (only !== undefined && codes.length === 1) return only
  return { op: 'block', label: { uses: 0 }, body: codes, result }
}

/** Does control never come to what follows this instruction? */
export function leaves(code: Code | undefined): boolean {
  if (code === undefined) return false
  if (code.op === 'branch' || code.op === 'return' || code.op === 'unreachable') return true
  if (code.op !== 'if' || code.result !== undefined) return false
  return leaves(code.yes.at(-1)) && leaves(code.no.at(-1))
}

/** What is within an instruction, in the order of execution. */
export function childrenOf(code: Code): readonly Code[] {
  switch (code.op) {
    case 'set':
    case 'tee':
    case 'setVariable':
    case 'drop':
      return [code.value]
    case 'plain':
    case 'call':
      return code.operands
    case 'access':
      return [code.address, ...code.operands]
    case 'if':
      return [code.test, ...code.yes, ...code.no]
    case 'block':
    case 'loop':
      return code.body
    case 'branch':
    case 'return':
      return code.value ? [code.value] : []
    case 'branchTable':
      return [code.index]
    default:
      return []
  }
}
