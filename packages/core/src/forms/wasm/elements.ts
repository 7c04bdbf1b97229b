/**
 * Elements of the arrays of virtual and check text: `array[index]` of a variable of module level that is a typed array.
 *
 * The words of the machine (machine/memory.ts) are memory 0; all other arrays lie in memory 1, at offsets that are
 * imported by the variables' names. A wrong index is not noticed.
 */

import type { Expression, MemberExpression } from 'oxc-parser'

import type { Place } from '../modules.ts'
import { type Code, LOAD_LONG, type Access } from './code.ts'
import type { Context, Type, Value } from './context.ts'
import { byteAddress } from './intrinsics.ts'

/** Where an array lies, and what its elements are. */
export interface ArrayPlace {
  readonly memory: 0 | 1
  /** Byte offset of the first element. */
  readonly base: Code
  readonly kind: ElementKind
}

export interface ElementKind {
  readonly type: Type
  /** log2 of the bytes. */
  readonly shift: number
  readonly load: number
  readonly store: number
}

/** By the type that a variable is declared to have. */
export const ELEMENT_KINDS: Readonly<Record<string, ElementKind>> = {
  Uint8Array: { type: 'int', shift: 0, load: 0x2d, store: 0x3a },
  Int16Array: { type: 'int', shift: 1, load: 0x2e, store: 0x3b },
  Int32Array: { type: 'int', shift: 2, load: 0x28, store: 0x36 },
  Float64Array: { type: 'long', shift: 3, load: LOAD_LONG, store: 0x39 },
}

export function compileElement(node: MemberExpression, context: Context): Value {
  const array = arrayOf(node, context)
  if (array === undefined) return context.refuse(node, 'only elements of arrays of module level')
  const { kind } = array
  return { code: access(node, array, kind.load, [], context), type: kind.type }
}

/** `array[index] = value` */
export function storeElement(node: MemberExpression, right: Expression, context: Context): Value {
  const array = arrayOf(node, context)
  if (array === undefined) return context.refuse(node, 'only elements of arrays of module level')
  const { kind } = array
  const value = context.program.compileExpression(right, context)
  const operand = context.expect(right, value, kind.type, 'what is stored')
  return { code: access(node, array, kind.store, [operand], context), type: 'void' }
}

function access(
  node: MemberExpression,
  { memory, base, kind }: ArrayPlace,
  opcode: number,
  operands: readonly Code[],
  context: Context,
): Access {
  const index = context.program.compileExpression(node.property, context)
  const code = context.expect(node.property, index, 'int', 'an index')
  const { address, offset } = byteAddress(code, kind.shift)
  return {
    op: 'access',
    opcode: [opcode],
    memory,
    alignment: kind.shift,
    address: memory === 0 ? address : { op: 'plain', opcode: 0x6a, operands: [address, base] },
    offset,
    operands,
    at: context.site(node),
  }
}

function arrayOf({ object }: MemberExpression, context: Context): ArrayPlace | undefined {
  if (object.type !== 'Identifier' || context.lookup(object.name) !== undefined) return undefined
  const place: Place | undefined = context.program.modules.resolve(context.module.file, object.name)
  return place && context.program.array(place)
}
