/**
 * How compiled text reads and writes the stacks of virtual CPUs, and the variables by which functions that can stop and
 * the loop of events tell each other what happens.
 */

import { binary, type Code, LOAD_LONG, OP, type Site, type ValueType } from './code.ts'

/** So deep a function may call itself; more than programs of scenarios can be nested. */
export const LEVELS_MAX = 16

/** Memory of the stacks: that of the arrays. */
const STACKS = 1

/** Variables of the module by which functions and the loop of events tell each other what happens. */
export const STOPPED = 'stopped'
export const RESUMING = 'resuming'
export const RESULT = 'result'
/** The number of the function that the CPU stopped in. */
export const INNERMOST = 'innermost'
/** Byte address of the running CPU's stack. */
export const STACK = 'stack'
/** The level of the function that is called, if it calls itself. */
export const LEVEL = 'level'

export function readVariable(name: string): Code {
  return { op: 'variable', name, type: 'i32' }
}

export function setVariable(name: string, value: Code): Code {
  return { op: 'setVariable', name, value }
}

/** A word or a double word of the running CPU's stack. */
export interface Slot {
  readonly offset: number
  readonly type?: ValueType | undefined
  /** Bytes to add to the offset. */
  readonly further?: Code
}

function addressOf({ further }: Slot): Code {
  const stack = readVariable(STACK)
  return further === undefined ? stack : binary(OP.add, stack, further)
}

/** Reads from the running CPU's stack. */
export function readStack(slot: Slot, at: Site): Code {
  const [opcode, alignment] = slot.type === 'f64' ? [LOAD_LONG, 3] : [0x28, 2]
  const address = addressOf(slot)
  const { offset } = slot
  return {
    op: 'access',
    opcode: [opcode],
    memory: STACKS,
    alignment,
    address,
    offset,
    operands: [],
    at,
  }
}

export function writeStack(slot: Slot, value: Code, at: Site): Code {
  const [opcode, alignment] = slot.type === 'f64' ? [0x39, 3] : [0x36, 2]
  const address = addressOf(slot)
  const { offset } = slot
  const operands = [value]
  return {
    op: 'access',
    opcode: [opcode],
    memory: STACKS,
    alignment,
    address,
    offset,
    operands,
    at,
  }
}

/** In a frame: the number of the stop, the number of the function that called this one. Locals follow. */
export const FRAME_STOP = 0
export const FRAME_CALLER = 4
export const FRAME_LOCALS = 8
