/**
 * Makes a function that can stop a CPU one that can be left at a stop and entered again behind it.
 *
 * At a stop the function writes the locals that it still needs to its frame, with the number of the stop, and returns;
 * so does each function that called it, up to the loop of events. To go on, the loop enters the innermost function alone:
 * it finds the number, branches to where it was through the blocks and loops around, and reads its locals. When it
 * returns, the loop enters its caller in the same way, with the result. So the way that is usually taken is straight: a
 * test of a local at the beginning of a list that has stops, and one behind each call that can stop.
 *
 * Frames have fixed places in the stack of a CPU, behind those of all that call the function; a function that calls
 * itself, by whatever chain, has LEVELS_MAX of them, and is told its level when it is called.
 */

import { binary, type Code, constant, type Label, OP, type Site } from './code.ts'
import { canStop, Flattener } from './flatten.ts'
import { neededAfterStops } from './liveness.ts'
import type { CompiledFunction } from './program.ts'
import {
  FRAME_CALLER,
  FRAME_LOCALS,
  FRAME_STOP,
  INNERMOST,
  LEVEL,
  LEVELS_MAX,
  readStack,
  readVariable,
  RESULT,
  RESUMING,
  setVariable,
  type Slot,
  STOPPED,
  writeStack,
} from './stack-access.ts'

/** What functions that can stop know of each other, by their keys. */
export interface StackLayout {
  /** 1 or more; of a function that calls itself, the number of its first level. */
  numberOf(key: string): number
  /** Functions that call each other, and so themselves, have the same cycle. Undefined: it never calls itself. */
  cycleOf(key: string): string | undefined
  /** Byte offset of the frame, and its size: levels have theirs one after the other. */
  frameOf(key: string): { readonly offset: number; readonly bytes: number }
}

/** A stop, and all that is needed to go on behind it. */
interface Stop {
  readonly number: number
  readonly code: Code
  readonly needed: readonly number[]
}

/** A group of stops that one branch from the beginning of a list leads to; of two for a number the first counts. */
interface Way {
  readonly first: number
  readonly last: number
  /** Statements before this place are passed over. */
  readonly place: number
  /** The stop behind which the function goes on there; absent: the statement there finds it. */
  readonly behind?: Stop
}

export class Resumable {
  readonly key: string
  readonly #fn: CompiledFunction
  readonly #at: Site
  /** The local that holds the number of the stop to go on behind; 0: none. */
  readonly #resume: number
  /** The local that holds the function's level, if it calls itself. */
  readonly #level: number
  readonly #stops = new Map<Code, Stop>()
  /** Of the locals in the frame. */
  readonly #offsets = new Map<number, number>()
  #frameEnd = FRAME_LOCALS
  #layout: StackLayout | undefined

  constructor(compiled: CompiledFunction, at: Site) {
    const locals = [...compiled.locals]
    const body = new Flattener(locals).list(compiled.body)
    const fn = { ...compiled, locals, body }
    this.key = fn.key
    this.#fn = fn
    this.#at = at
    this.#resume = locals.length
    this.#level = locals.length + 1
    const needed = neededAfterStops(body)
    for (const code of stopsIn(body)) {
      const stop = { number: this.#stops.size + 1, code, needed: needed.get(code) ?? [] }
      this.#stops.set(code, stop)
      for (const local of stop.needed) this.#place(local)
    }
  }

  get frameBytes(): number {
    return Math.ceil(this.#frameEnd / 8) * 8
  }

  /** The functions that are called and can stop, by their keys. */
  get callees(): string[] {
    return [...this.#stops.keys()].flatMap((code) => callOf(code)?.callee ?? [])
  }

  /** The function, once it is known where all frames are. */
  lowered(layout: StackLayout): CompiledFunction {
    this.#layout = layout
    return this.#lowered()
  }

  get #known(): StackLayout {
    if (this.#layout === undefined) throw new Error('frames have no places yet')
    return this.#layout
  }

  get #cycle(): string | undefined {
    return this.#known.cycleOf(this.key)
  }

  #lowered(): CompiledFunction {
    const { body, locals, result } = this.#fn
    const enter: Code = {
      op: 'if',
      test: readVariable(RESUMING),
      yes: [
        setVariable(RESUMING, constant(0)),
        { op: 'set', local: this.#resume, value: readStack(this.#slot(), this.#at) },
      ],
      no: [],
      result: undefined,
    }
    const list = this.#list(body, false)
    const end: Code[] = result === undefined ? [] : [{ op: 'unreachable' }]
    const begin = this.#cycle === undefined ? [] : this.#findLevel()
    return {
      ...this.#fn,
      locals: [...locals, 'i32', 'i32'],
      body: [...begin, enter, ...list, ...end],
    }
  }

  /** A level beyond the last is a trap. */
  #findLevel(): Code[] {
    const level: Code = { op: 'get', local: this.#level }
    const test = binary(OP.ge, level, constant(LEVELS_MAX))
    const yes: Code[] = [{ op: 'unreachable' }]
    return [
      { op: 'set', local: this.#level, value: readVariable(LEVEL) },
      { op: 'if', test, yes, no: [], result: undefined },
    ]
  }

  /** The place of a local in the frame; without one, that of the number of the stop. */
  #slot(local?: number): Slot {
    const within = local === undefined ? FRAME_STOP : (this.#offsets.get(local) ?? 0)
    const offset = this.#known.frameOf(this.key).offset + within
    const type = local === undefined ? 'i32' : this.#fn.locals[local]
    if (this.#cycle === undefined) return { offset, type }
    const level: Code = { op: 'get', local: this.#level }
    return { offset, type, further: binary(OP.mul, level, constant(this.frameBytes)) }
  }

  /** The function's own number, as its caller or the innermost one. */
  #ownNumber(): Code {
    const first = constant(this.#known.numberOf(this.key))
    return this.#cycle === undefined
      ? first
      : binary(OP.add, first, { op: 'get', local: this.#level })
  }

  /** The level at which a function is called from here; undefined: it never calls itself. */
  #levelOf(callee: string): Code | undefined {
    const cycle = this.#known.cycleOf(callee)
    if (cycle === undefined) return undefined
    if (cycle !== this.#cycle) return constant(0)
    return binary(OP.add, { op: 'get', local: this.#level }, constant(1))
  }

  /** A local gets a place in the frame. */
  #place(local: number): void {
    if (this.#offsets.has(local)) return
    const bytes = this.#fn.locals[local] === 'f64' ? 8 : 4
    const offset = Math.ceil(this.#frameEnd / bytes) * bytes
    this.#offsets.set(local, offset)
    this.#frameEnd = offset + bytes
  }

  /** @param endsWithList - whoever has this list goes on behind it where that is where its last stops lead. */
  #list(codes: readonly Code[], endsWithList: boolean): Code[] {
    const ways: Way[] = []
    const lowered = codes.flatMap((code, i) => {
      if (!canStop(code)) return [{ i, code }]
      const behind = this.#endStops(code)
      const within = this.#stopsOf(code).filter((stop) => !behind.includes(stop))
      const isLast = i === codes.length - 1
      if (!(isLast && endsWithList)) {
        for (const stop of behind)
          ways.push({ first: stop.number, last: stop.number, place: i + 1, behind: stop })
      }
      // after those, whose numbers may lie between
      if (within.length > 0) {
        const [first, last] = [within[0]?.number ?? 0, within.at(-1)?.number ?? 0]
        ways.push({ first, last, place: i })
      }
      return this.#statement(code, within).map((each) => ({ i, code: each }))
    })
    const chosen = ways.filter(({ place }) => place > 0)
    if (chosen.length === 0) return lowered.map(({ code }) => code)
    return this.#blocks(lowered, chosen)
  }

  /** Blocks that end where ways lead to, the innermost at the first such place, with the choice at its beginning. */
  #blocks(codes: readonly { i: number; code: Code }[], ways: readonly Way[]): Code[] {
    const places = [...new Set(ways.map(({ place }) => place))].sort((a, b) => a - b)
    const labels = new Map(places.map((place) => [place, { uses: 1 }]))
    let inner: Code[] = [this.#choice(ways, labels)]
    let from = 0
    for (const [place, label] of labels) {
      const until = place
      const start = from
      const between = codes.filter(({ i }) => i >= start && i < until).map(({ code }) => code)
      inner = [{ op: 'block', label, body: [...inner, ...between], result: undefined }]
      from = place
    }
    return [...inner, ...codes.filter(({ i }) => i >= from).map(({ code }) => code)]
  }

  /** Where the function goes on, to where it was. */
  #choice(ways: readonly Way[], labels: ReadonlyMap<number, Label>): Code {
    const isResuming: Code = { op: 'get', local: this.#resume }
    const takes = ways.map((way) => this.#take(way, labels))
    const choose = (test: Code, yes: readonly Code[]): Code => ({
      op: 'if',
      test,
      yes,
      no: [],
      result: undefined,
    })
    if (ways.length <= 2) {
      const tests = ways.map((way, i) => choose(this.#isOn(way), takes[i] ?? []))
      return choose(isResuming, tests)
    }
    const first = Math.min(...ways.map((way) => way.first))
    const last = Math.max(...ways.map((way) => way.last))
    const elsewhere: Label = { uses: 1 }
    const targets = ways.map((): Label => ({ uses: 1 }))
    const table = Array.from({ length: last - first + 1 }, (_, i) => {
      const way = ways.findIndex((each) => first + i >= each.first && first + i <= each.last)
      return targets[way] ?? elsewhere
    })
    const index = binary(OP.sub, isResuming, constant(first))
    let inner: Code[] = [{ op: 'branchTable', index, labels: [...table, elsewhere] }]
    targets.forEach((label, i) => {
      inner = [{ op: 'block', label, body: inner, result: undefined }, ...(takes[i] ?? [])]
    })
    return choose(isResuming, [{ op: 'block', label: elsewhere, body: inner, result: undefined }])
  }

  #isOn({ first, last }: Way): Code {
    const resume: Code = { op: 'get', local: this.#resume }
    if (first === last) return binary(OP.eq, resume, constant(first))
    const [from, to] = [constant(first), constant(last)]
    return binary(OP.and, binary(OP.ge, resume, from), binary(OP.le, resume, to))
  }

  #take({ place, behind }: Way, labels: ReadonlyMap<number, Label>): Code[] {
    const label = labels.get(place)
    if (label === undefined) throw new Error('a way leads to a place without a label')
    return [...(behind ? this.#goOn(behind) : []), { op: 'branch', label }]
  }

  /** The frame is read; what the call has returned is where the stop's statement would have put it. */
  #goOn({ code, needed }: Stop): Code[] {
    const read = needed.map((local): Code => {
      return { op: 'set', local, value: readStack(this.#slot(local), this.#at) }
    })
    const result: Code[] =
      code.op === 'set' ? [{ op: 'set', local: code.local, value: readVariable(RESULT) }] : []
    return [...read, ...result, { op: 'set', local: this.#resume, value: constant(0) }]
  }

  #statement(code: Code, within: readonly Stop[]): Code[] {
    const stop = this.#stops.get(code)
    if (stop !== undefined) return this.#stop(stop)
    switch (code.op) {
      case 'if':
        return [
          {
            ...code,
            test: this.#test(code, within),
            yes: this.#list(code.yes, true),
            no: this.#list(code.no, true),
          },
        ]
      case 'block':
        return [{ ...code, body: this.#list(code.body, true) }]
      case 'loop':
        return [{ ...code, body: this.#list(code.body, false) }]
      default:
        throw new Error(`a stop within ${code.op}`)
    }
  }

  /** The side that the function goes on in is taken without a test. */
  #test(code: Extract<Code, { op: 'if' }>, within: readonly Stop[]): Code {
    if (within.length === 0) return code.test
    const isYes = (stop: Stop): boolean => stopsIn(code.yes).includes(stop.code)
    const inYes = within.filter(isYes)
    const resume: Code = { op: 'get', local: this.#resume }
    const side =
      inYes.length === within.length || inYes.length === 0
        ? constant(inYes.length === 0 ? 0 : 1)
        : binary(OP.le, resume, constant(inYes.at(-1)?.number ?? 0))
    return { op: 'if', test: resume, yes: [side], no: [code.test], result: 'i32' }
  }

  #stop(stop: Stop): Code[] {
    const { code } = stop
    if (code.op === 'stop') {
      const reason = setVariable(STOPPED, constant(code.reason + 1))
      const innermost = setVariable(INNERMOST, this.#ownNumber())
      return [reason, innermost, ...this.#leave(stop)]
    }
    const call = callOf(code)
    if (call === undefined) throw new Error(`a stop that is a ${code.op}`)
    const level = this.#levelOf(call.callee)
    const frame = this.#known.frameOf(call.callee)
    const link: Slot = {
      offset: frame.offset + FRAME_CALLER,
      ...(level && { further: binary(OP.mul, level, constant(frame.bytes)) }),
    }
    const leave = [writeStack(link, this.#ownNumber(), this.#at), ...this.#leave(stop)]
    return [
      ...(level ? [setVariable(LEVEL, level)] : []),
      code,
      { op: 'if', test: readVariable(STOPPED), yes: leave, no: [], result: undefined },
    ]
  }

  /** Writes the frame and returns. */
  #leave({ number, needed }: Stop): Code[] {
    const { result } = this.#fn
    const nothing: Code = result === 'f64' ? { op: 'number', value: 0 } : constant(0)
    return [
      writeStack(this.#slot(), constant(number), this.#at),
      ...needed.map((local) => writeStack(this.#slot(local), { op: 'get', local }, this.#at)),
      { op: 'return', ...(result === undefined ? {} : { value: nothing }) },
    ]
  }

  /** Stops behind which the function goes on where this statement ends. */
  #endStops(code: Code | undefined): Stop[] {
    if (code === undefined) return []
    const stop = this.#stops.get(code)
    if (stop !== undefined) return [stop]
    if (code.op === 'if')
      return [...this.#endStops(code.yes.at(-1)), ...this.#endStops(code.no.at(-1))]
    return code.op === 'block' ? this.#endStops(code.body.at(-1)) : []
  }

  #stopsOf(code: Code): Stop[] {
    return stopsIn([code]).flatMap((each) => this.#stops.get(each) ?? [])
  }
}

/** The call of a statement that stops; undefined: it is a stop itself. */
function callOf(code: Code): Extract<Code, { op: 'call' }> | undefined {
  const call = code.op === 'set' ? code.value : code
  return call.op === 'call' ? call : undefined
}

/** The statements that stop, in the order of the text. */
function stopsIn(codes: readonly Code[]): Code[] {
  return codes.flatMap((code) => {
    switch (code.op) {
      case 'stop':
        return [code]
      case 'call':
        return code.stops === true ? [code] : []
      case 'set':
        return code.value.op === 'call' && code.value.stops === true ? [code] : []
      case 'if':
        return [...stopsIn(code.yes), ...stopsIn(code.no)]
      case 'block':
      case 'loop':
        return stopsIn(code.body)
      default:
        return []
    }
  })
}
