/**
 * Stacks of virtual CPUs in compiled text: the frames of all functions that can stop, and the function that resumes one.
 *
 * A CPU's stack is a fixed piece of the array `stacks`: the number of the innermost function that was left, and the frames
 * of all functions; those that are never left at the same time share their bytes. Invariant: a CPU's stack is zero when it
 * starts.
 */

import type { Place } from '../modules.ts'
import { binary, type Code, constant, type Label, OP, type Site, type ValueType } from './code.ts'
import { canStop } from './flatten.ts'
import type { Stacks } from './module.ts'
import type { CompiledFunction, Program } from './program.ts'
import { Resumable, type StackLayout } from './resumable.ts'
import { keyOf } from './signatures.ts'
import {
  FRAME_CALLER,
  INNERMOST,
  LEVEL,
  LEVELS_MAX,
  readStack,
  readVariable,
  RESULT,
  RESUMING,
  setVariable,
  STACK,
  STOPPED,
  writeStack,
} from './stack-access.ts'

/** What resumeProgram() of sync/virtual-programs.ts is in compiled text. */
export const RESUME_KEY = 'resumeProgram'
/** What it answers where the program has ended; otherwise the number of the `yield`. */
const DONE = 2
/** Bytes of a cache line of the host. */
const LINE_BYTES = 64
/** A stack begins with the number of the innermost function that was left. */
const FIRST_FRAME = 8
/** The array that the stacks are in. */
const STACKS_NAME = 'stacks'

/** Gives the functions that can stop their frames, and adds the one that resumes a CPU, whose program is `root`. */
export function addStacks(program: Program, root: Place): Stacks {
  for (const key of [STOPPED, INNERMOST, RESUMING, RESULT, STACK, LEVEL])
    program.variables.set(key, { key, type: 'int', initial: 0 })
  const at = { file: root.file, start: 0, name: RESUME_KEY, inlined: undefined }
  const stopping = program.functions.filter(({ body }) => body.some(canStop))
  // the program is number 1
  stopping.sort((a, b) => Number(b.key === keyOf(root)) - Number(a.key === keyOf(root)))
  program.arrays.add(STACKS_NAME)
  const resumables = stopping.map((fn) => new Resumable(fn, at))
  const { layout, stackBytes } = layOut(resumables)
  const lowered = new Map(resumables.map((each) => [each.key, each.lowered(layout)]))
  program.functions.forEach((fn, i) => {
    program.functions[i] = lowered.get(fn.key) ?? fn
  })
  const entries = stopping.flatMap((fn) => entriesOf(fn, layout, at))
  program.functions.push(resumeFunction(stopping, entries, program, stackBytes, at))
  return { stackBytes }
}

/** Numbers for the functions, and places for their frames: each behind those of all that call it. */
function layOut(functions: readonly Resumable[]): { layout: StackLayout; stackBytes: number } {
  const cycles = cyclesOf(functions)
  const levels = (key: string): number => (cycles.has(key) ? LEVELS_MAX : 1)
  const numbers = new Map<string, number>()
  let next = 1
  for (const { key } of functions) {
    numbers.set(key, next)
    next += levels(key)
  }
  const offsets = new Map(functions.map(({ key }) => [key, FIRST_FRAME]))
  let stackBytes = 0
  for (const group of callersFirst(functions, cycles)) {
    const keys = new Set(group.map(({ key }) => key))
    // the functions of a cycle have their frames side by side
    let end = Math.max(...group.map(({ key }) => offsets.get(key) ?? 0))
    for (const { key, frameBytes } of group) {
      offsets.set(key, end)
      end += frameBytes * levels(key)
    }
    for (const callee of group.flatMap(({ callees }) => callees))
      if (!keys.has(callee)) offsets.set(callee, Math.max(end, offsets.get(callee) ?? 0))
    stackBytes = Math.max(stackBytes, end)
  }
  const sizes = new Map(functions.map(({ key, frameBytes }) => [key, frameBytes]))
  const layout: StackLayout = {
    numberOf: (key) => numbers.get(key) ?? 0,
    cycleOf: (key) => cycles.get(key),
    frameOf: (key) => ({ offset: offsets.get(key) ?? 0, bytes: sizes.get(key) ?? 0 }),
  }
  // an odd number of lines, so that the same frame of many CPUs is not in the same set of a cache
  return { layout, stackBytes: (Math.ceil(stackBytes / LINE_BYTES) | 1) * LINE_BYTES }
}

/** Functions in an order in which all that call one stand before it; those of a cycle together. */
function callersFirst(
  functions: readonly Resumable[],
  cycles: ReadonlyMap<string, string>,
): Resumable[][] {
  const groupOf = (key: string): string => cycles.get(key) ?? key
  const groups = new Map<string, Resumable[]>()
  for (const fn of functions) {
    const group = groups.get(groupOf(fn.key))
    if (group === undefined) groups.set(groupOf(fn.key), [fn])
    else group.push(fn)
  }
  const ordered: Resumable[][] = []
  const seen = new Set<string>()
  const visit = (name: string): void => {
    const group = groups.get(name)
    if (group === undefined || seen.has(name)) return
    seen.add(name)
    for (const { callees } of group) for (const callee of callees) visit(groupOf(callee))
    ordered.push(group)
  }
  for (const name of groups.keys()) visit(name)
  return ordered.reverse()
}

/** resumeProgram(cpu): runs a CPU until it stops; starts it the first time. */
function resumeFunction(
  stopping: readonly CompiledFunction[],
  functions: readonly Entry[],
  program: Program,
  stackBytes: number,
  at: Site,
): CompiledFunction {
  const [cpu, number] = [0, 1]
  const get = (local: number): Code => ({ op: 'get', local })
  const again: Label = { uses: 1 }
  const ran: Label = { uses: 1 }
  const block = binary(
    OP.add,
    program.global('CPU_BASE'),
    binary(OP.mul, get(cpu), program.global('CPU_STRIDE')),
  )
  const start = stopping.slice(0, 1).map((fn) => callOf(fn, [block], at))
  const entries: Entry[] = [{ codes: start, caller: constant(0) }, ...functions]
  const labels = entries.map((): Label => ({ uses: 1 }))
  let choice: Code[] = [{ op: 'branchTable', index: get(number), labels }]
  entries.forEach(({ codes, caller }, i) => {
    const label = labels[i] ?? ran
    const body: Code = { op: 'block', label, body: choice, result: undefined }
    const next: Code = { op: 'set', local: number, value: caller }
    choice = [body, ...codes, next, { op: 'branch', label: ran }]
  })
  const stopped: Code = {
    op: 'if',
    test: readVariable(STOPPED),
    yes: [
      writeStack({ offset: 0 }, readVariable(INNERMOST), at),
      { op: 'set', local: number, value: readVariable(STOPPED) },
      setVariable(STOPPED, constant(0)),
      { op: 'return', value: binary(OP.sub, get(number), constant(1)) },
    ],
    no: [],
    result: undefined,
  }
  const stack = binary(OP.mul, get(cpu), constant(stackBytes))
  const body: Code[] = [
    setVariable(STACK, binary(OP.add, stack, { op: 'global', name: `array ${STACKS_NAME}` })),
    { op: 'set', local: number, value: readStack({ offset: 0 }, at) },
    {
      op: 'loop',
      label: again,
      body: [
        { op: 'block', label: ran, body: choice, result: undefined },
        stopped,
        {
          op: 'if',
          test: get(number),
          yes: [{ op: 'branch', label: again }],
          no: [],
          result: undefined,
        },
        { op: 'return', value: constant(DONE) },
      ],
      result: undefined,
    },
    { op: 'unreachable' },
  ]
  const locals: ValueType[] = ['i32', 'i32']
  return { key: RESUME_KEY, name: RESUME_KEY, parameters: 1, result: 'i32', locals, body }
}

/** How a function that was left is entered, and the number of its caller: 0, if it is the program. */
interface Entry {
  readonly codes: readonly Code[]
  readonly caller: Code
}

/** An entry for each level. */
function entriesOf(fn: CompiledFunction, layout: StackLayout, at: Site): Entry[] {
  const nothing = fn.locals
    .slice(0, fn.parameters)
    .map((type): Code => (type === 'f64' ? { op: 'number', value: 0 } : constant(0)))
  const { offset, bytes } = layout.frameOf(fn.key)
  const isRecursive = layout.cycleOf(fn.key) !== undefined
  return Array.from({ length: isRecursive ? LEVELS_MAX : 1 }, (_, level) => ({
    codes: [
      setVariable(RESUMING, constant(1)),
      ...(isRecursive ? [setVariable(LEVEL, constant(level))] : []),
      callOf(fn, nothing, at),
    ],
    caller: readStack({ offset: offset + level * bytes + FRAME_CALLER }, at),
  }))
}

function callOf(fn: CompiledFunction, operands: readonly Code[], at: Site): Code {
  const call: Code = { op: 'call', callee: fn.key, operands, result: fn.result, at }
  if (fn.result === undefined) return call
  return fn.result === 'i32' ? setVariable(RESULT, call) : { op: 'drop', value: call }
}

/** The functions that call themselves, by whatever chain, each with a name of the cycle that it is in. */
function cyclesOf(functions: readonly Resumable[]): Map<string, string> {
  const callees = new Map(functions.map((fn) => [fn.key, fn.callees]))
  const reached = new Map(functions.map(({ key }) => [key, reachedFrom(key, callees)]))
  const cycles = new Map<string, string>()
  for (const { key } of functions) {
    if (reached.get(key)?.has(key) !== true) continue
    const isInCycle = (other: string): boolean =>
      reached.get(key)?.has(other) === true && reached.get(other)?.has(key) === true
    cycles.set(key, functions.find((other) => isInCycle(other.key))?.key ?? key)
  }
  return cycles
}

function reachedFrom(key: string, callees: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set<string>()
  const queue = [...(callees.get(key) ?? [])]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    queue.push(...(callees.get(next) ?? []))
  }
  return seen
}
