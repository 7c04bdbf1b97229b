/**
 * Stacks of virtual CPUs in compiled text: the frames of all functions that can stop, and the function that resumes one.
 *
 * A CPU's stack is a fixed piece of memory 2: the number of the innermost function that was left, of each function the
 * number of its caller, and of each function a frame.
 */

import type { Place } from '../modules.ts'
import {
  binary,
  childrenOf,
  type Code,
  constant,
  type Label,
  OP,
  type Site,
  type ValueType,
} from './code.ts'
import { canStop } from './flatten.ts'
import type { Stacks } from './module.ts'
import type { CompiledFunction, Program } from './program.ts'
import { resumable, type StackLayout } from './resumable.ts'
import { keyOf } from './signatures.ts'
import {
  LEVEL,
  LEVELS_MAX,
  readStack,
  readVariable,
  RESULT,
  RESUMING,
  setVariable,
  STACK,
  STOPPED,
  WORD_BYTES,
} from './stack-access.ts'

/** What resumeProgram() of sync/virtual-programs.ts is in compiled text. */
export const RESUME_KEY = 'resumeProgram'
/** What it answers where the program has ended; otherwise the number of the `yield`. */
const DONE = 2
/** More virtual CPUs than this are refused by the engine (VIRTUAL_CPUS_MAX). */
const CPUS_MAX = 1024
/** Bytes of a cache line of the host. */
const LINE_BYTES = 64

/** Gives the functions that can stop their frames, and adds the one that resumes a CPU, whose program is `root`. */
export function addStacks(program: Program, root: Place): Stacks {
  for (const key of [STOPPED, RESUMING, RESULT, STACK, LEVEL])
    program.variables.set(key, { key, type: 'int', initial: 0 })
  const stopping = program.functions.filter(({ body }) => body.some(canStop))
  // the program is number 1
  stopping.sort((a, b) => Number(b.key === keyOf(root)) - Number(a.key === keyOf(root)))
  const cycles = cyclesOf(stopping)
  const numbers = new Map<string, number>()
  let next = 1
  for (const { key } of stopping) {
    numbers.set(key, next)
    next += cycles.has(key) ? LEVELS_MAX : 1
  }
  let frame = Math.ceil((next * WORD_BYTES) / 8) * 8
  const at = { file: root.file, start: 0, name: RESUME_KEY, inlined: undefined }
  const lowered = new Map<string, CompiledFunction>()
  for (const fn of stopping) {
    const numberOf = (key: string): number => numbers.get(key) ?? 0
    const layout: StackLayout = { numberOf, cycleOf: (key) => cycles.get(key), frame }
    const made = resumable(fn, layout, at)
    lowered.set(fn.key, made.fn)
    frame = made.end
  }
  // an odd number of lines, so that the same frame of many CPUs is not in the same set of a cache
  const stackBytes = (Math.ceil(frame / LINE_BYTES) | 1) * LINE_BYTES
  program.functions.forEach((fn, i) => {
    program.functions[i] = lowered.get(fn.key) ?? fn
  })
  const entries = stopping.flatMap((fn) =>
    cycles.has(fn.key)
      ? Array.from({ length: LEVELS_MAX }, (_, level) => enter(fn, at, level))
      : [enter(fn, at)],
  )
  program.functions.push(resumeFunction(stopping, entries, program, stackBytes, at))
  return { bytes: stackBytes * CPUS_MAX }
}

/** resumeProgram(cpu): runs a CPU until it stops; starts it the first time. */
function resumeFunction(
  stopping: readonly CompiledFunction[],
  functions: readonly (readonly Code[])[],
  program: Program,
  stackBytes: number,
  at: Site,
): CompiledFunction {
  const [cpu, number] = [0, 1]
  const get = (local: number): Code => ({ op: 'get', local })
  const again: Label = { used: true }
  const ran: Label = { used: true }
  const block = binary(
    OP.add,
    program.global('CPU_BASE'),
    binary(OP.mul, get(cpu), program.global('CPU_STRIDE')),
  )
  const start = stopping.slice(0, 1).map((fn) => callOf(fn, [block], at))
  const entries = [start, ...functions]
  const labels = entries.map((): Label => ({ used: true }))
  let choice: Code[] = [{ op: 'branchTable', index: get(number), labels }]
  entries.forEach((codes, i) => {
    const label = labels[i] ?? ran
    const body: Code = { op: 'block', label, body: choice, result: undefined }
    choice = [body, ...codes, { op: 'branch', label: ran }]
  })
  const stopped: Code = {
    op: 'if',
    test: readVariable(STOPPED),
    yes: [
      { op: 'set', local: number, value: readVariable(STOPPED) },
      setVariable(STOPPED, constant(0)),
      { op: 'return', value: binary(OP.sub, get(number), constant(1)) },
    ],
    no: [],
    result: undefined,
  }
  const caller = binary(OP.mul, get(number), constant(WORD_BYTES))
  const body: Code[] = [
    setVariable(STACK, binary(OP.mul, get(cpu), constant(stackBytes))),
    { op: 'set', local: number, value: readStack({ offset: 0 }, at) },
    {
      op: 'loop',
      label: again,
      body: [
        { op: 'block', label: ran, body: choice, result: undefined },
        stopped,
        {
          op: 'if',
          test: binary(OP.le, get(number), constant(1)),
          yes: [{ op: 'return', value: constant(DONE) }],
          no: [],
          result: undefined,
        },
        { op: 'set', local: number, value: readStack({ offset: 0, further: caller }, at) },
        { op: 'branch', label: again },
      ],
      result: undefined,
    },
    { op: 'unreachable' },
  ]
  const locals: ValueType[] = ['i32', 'i32']
  return { key: RESUME_KEY, name: RESUME_KEY, parameters: 1, result: 'i32', locals, body }
}

/** Goes on in a function that was left; `level`: of one that calls itself. */
function enter(fn: CompiledFunction, at: Site, level?: number): Code[] {
  const nothing = fn.locals
    .slice(0, fn.parameters)
    .map((type): Code => (type === 'f64' ? { op: 'number', value: 0 } : constant(0)))
  const told = level === undefined ? [] : [setVariable(LEVEL, constant(level))]
  return [setVariable(RESUMING, constant(1)), ...told, callOf(fn, nothing, at)]
}

function callOf(fn: CompiledFunction, operands: readonly Code[], at: Site): Code {
  const call: Code = { op: 'call', callee: fn.key, operands, result: fn.result, at }
  if (fn.result === undefined) return call
  return fn.result === 'i32' ? setVariable(RESULT, call) : { op: 'drop', value: call }
}

/** The functions that call themselves, by whatever chain, each with a name of the cycle that it is in. */
function cyclesOf(functions: readonly CompiledFunction[]): Map<string, string> {
  const callees = new Map(functions.map(({ key, body }) => [key, calleesIn(body)]))
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

function calleesIn(codes: readonly Code[]): string[] {
  return codes.flatMap((code) => [
    ...(code.op === 'call' && code.stops === true ? [code.callee] : []),
    ...calleesIn(childrenOf(code)),
  ])
}
