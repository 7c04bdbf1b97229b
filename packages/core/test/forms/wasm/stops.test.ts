/**
 * Compiled text that stops, against the generators that it is made from: the same stops in the same order, the same
 * calls outwards, the same memory at each stop; for text of every shape, on CPUs that take turns, inlined or not.
 */
import { stripTypeScriptTypes } from 'node:module'
import { runInNewContext } from 'node:vm'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Prng } from '../../../src/lib/prng.ts'
import { compileStops, DONE, type Stopping } from './support-stops.ts'

type Steps = Generator<number | Steps, number | undefined, undefined>

/** The same text as JavaScript. A function that is yielded runs in a frame of its own, as the engine does it. */
function inJavaScript(text: string): Stopping {
  const told: number[] = []
  let last = 0
  const scope = {
    told: (value: number) => {
      told.push(value)
      return (value + 1) | 0
    },
    mem: new Int32Array(16384),
    longs: new Float64Array(16),
    shorts: new Int16Array(16),
    result: () => last,
  }
  const code = stripTypeScriptTypes(text).replaceAll('export ', '')
  const names = Object.keys(scope).join(', ')
  const bind = runInNewContext(`(({ ${names} }) => { ${code}; return main })`) as (
    given: typeof scope,
  ) => (cpu: number) => Steps
  const main = bind(scope)
  const frames: Steps[][] = []
  const step = (cpu: number): number => {
    const stack = (frames[cpu] ??= [main(100 + cpu * 10)])
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { done, value } = top.next()
      if (done !== true && typeof value === 'number') return value
      if (done !== true) stack.push(value as Steps)
      else {
        last = value ?? 0
        stack.pop()
      }
    }
    return DONE
  }
  return { step, told, mem: scope.mem, longs: scope.longs, shorts: scope.shorts }
}

/** What is seen of a program from outside, stop by stop, with two CPUs in turn. */
function story({ step, told, mem, longs, shorts }: Stopping): unknown[] {
  const seen: unknown[] = []
  const running = new Set([0, 1])
  for (let turn = 0; running.size > 0 && turn < 4000; turn++) {
    const cpu = turn % 2
    if (!running.has(cpu)) continue
    const stopped = step(cpu)
    if (stopped === DONE) running.delete(cpu)
    seen.push([cpu, stopped, told.length, [...mem.subarray(0, 16)], [...longs], [...shorts]])
  }
  return [...seen, told]
}

function expectSame(text: string, inlineLimits: readonly number[] = [0, 25, 1000]): unknown[] {
  const expected = story(inJavaScript(text))
  for (const inlineLimit of inlineLimits)
    expect(story(compileStops(text, inlineLimit))).toEqual(expected)
  return expected
}

const TEXTS: Record<string, string> = {
  'a stop, and the values around it':
    'function* main(cpu: number): $Steps<void> { const a = told(cpu); yield 0; told(a); yield 1; told(a + 1) }',
  'a stop that is not always taken':
    'function* main(cpu: number): $Steps<void> { for (let i = 0; i < 5; i++) { i % 2 === 0 && (yield 0), told(i + cpu) } }',
  'a stop at the end of a branch, and after it':
    'function* main(cpu: number): $Steps<void> { for (let i = 0; i < 6; i++) { if (i > 2) { if (i === 4) { yield 0 } else { told(7); yield 1 } } else { yield 0; told(i) } } }',
  'a call in the middle of an expression':
    'function* get(n: number): $Steps<number> { yield 0; return n * 2 }\nfunction* main(cpu: number): $Steps<void> { let x = 3; told(x++ + (yield* get(x)) * 10 + x); mem[(yield* get(2))] = told(1) + (yield* get(4)) }',
  'logic and choices with calls in them':
    'function* ask(n: number): $Steps<boolean> { yield 0; return n > 2 }\nfunction* main(cpu: number): $Steps<void> { for (let n = 0; n < 5; n++) { if ((yield* ask(n)) && !(yield* ask(4 - n))) told(n); told((yield* ask(n)) ? (n % 2 === 0 ? 1 : 2) : 3) } }',
  'loops that end in the middle':
    'function* main(cpu: number): $Steps<void> { let n = 0; while (n < 20) { n = n + 1; if (n === 3) continue; yield 0; if (n === 7) break; for (let i = 0; i < n; i++) { if (i === 2) break; yield 1; told(Math.imul(i, n)) } } told(n) }',
  'a return out of nested loops, through several functions':
    'function* find(n: number): $Steps<number> { for (let i = 0; i < 9; i++) { for (let j = 0; j < 9; j++) { yield 0; if (Math.imul(i, j) === n) return i * 10 + j } } return -1 }\nfunction* twice(n: number): $Steps<number> { const a = (yield* find(n)); return a + (yield* find(n + 2)) }\nfunction* main(cpu: number): $Steps<void> { told((yield* twice(4))); told((yield* twice(6))) }',
  'a function in a frame of its own, and its result':
    'let lastResult = 0\nfunction* inner(n: number): $Steps<number> { yield 0; told(n); return n + 1 }\nfunction* none(n: number): $Steps<void> { yield 1; told(n) }\nfunction* main(cpu: number): $Steps<void> { const a = (yield inner(cpu), result()); yield none(a); told((yield inner(a), result()) + (yield* inner(3))) }',
  'functions that call themselves and each other':
    'function* down(n: number): $Steps<number> { const kept = n * 3; if (n > 0) { yield 0; const below = (yield* over(n - 1)); yield 1; return below + kept } return 1 }\nfunction* over(n: number): $Steps<number> { const a = (yield* down(n)); yield 0; return a + n }\nfunction* main(cpu: number): $Steps<void> { told((yield* down(5))); told((yield* over(3))) }',
  'long integers over stops':
    'let sum: Cycles = 0\nfunction* add(n: Cycles, by: number): $Steps<void> { const half = Math.floor((n * 3 + 1) / 2); yield 0; sum = sum + half * by; longs[by & 7] = Math.max(sum, n) - 1 }\nfunction* main(cpu: number): $Steps<void> { let big: Cycles = 2147483647; big = big * 1000 + cpu; for (let i = 0; i < 4; i++) { yield* add(big, i); big = Math.min(big, sum + i) } told((big - 2000000000) | 0); told(big > sum ? 1 : 0) }',
  'variables of module level and short elements':
    'let count = -3\nfunction next(): number { count = count + 1; return count }\nfunction* main(cpu: number): $Steps<void> { for (let i = 0; i < 6; i++) { shorts[next() & 7] = 40000 + i; yield 0; told(shorts[i] as number); told(31 - Math.clz32(count & -count)) } }',
}

describe.for(Object.entries(TEXTS))('%s', ([, text]) => {
  test('does what the generator does', () => {
    expect(expectSame(text).length).toBeGreaterThan(3)
  })
})

test('brought back to its start a module does the same again', () => {
  for (const text of Object.values(TEXTS)) {
    const module = compileStops(text, 0)
    const first = story(module)
    module.restart()
    expect(story(module)).toEqual(first)
  }
})

test('a function that calls itself too often is a trap', () => {
  const text =
    'function* down(n: number): $Steps<void> { if (n > 0) { yield* down(n - 1) } yield 0 }\nfunction* main(cpu: number): $Steps<void> { yield* down(40) }'
  expect(() => compileStops(text, 0).step(0)).toThrow('unreachable')
})

/** Writes random text: functions that call those behind them, or themselves a few times, with stops everywhere. */
class Writer {
  readonly #prng: Prng
  #loops = 0

  constructor(seed: number) {
    this.#prng = new Prng(seed)
  }

  text(): string {
    const functions = [0, 1, 2, 3].map((n) => this.#function(n))
    return `${functions.join('\n')}\nlet total: Cycles = 0\nfunction* main(cpu: number): $Steps<void> { told((yield* f0(cpu, 2))); yield 1; told((yield* f1(cpu + 1, 3))) }`
  }

  #below(n: number): number {
    return this.#prng.below(n)
  }

  #one(list: readonly string[]): string {
    return list[this.#below(list.length)] ?? ''
  }

  #function(n: number): string {
    const body = this.#list(n, 3)
    return `function* f${n}(p: number, left: number): $Steps<number> { let a = p & 255; let b = left; let c = 1; let l: Cycles = p; ${body}; total = total + l; longs[${n}] = total; return (a + b + c) & 1023 }`
  }

  #list(n: number, depth: number): string {
    return Array.from({ length: 1 + this.#below(3) }, () => this.#statement(n, depth)).join('; ')
  }

  #statement(n: number, depth: number): string {
    const kind = this.#below(depth > 0 ? 12 : 7)
    switch (kind) {
      case 0:
        return `${this.#local()} = ${this.#value(n)}`
      case 1:
        return `${this.#condition()} && (yield ${this.#below(2)})`
      case 2:
        return `l = l * 2 + (${this.#value(n)} & 255)`
      case 3:
        return `mem[${this.#plain()} & 15] = ${this.#value(n)}`
      case 4:
        return `told((${this.#condition()} && (yield 0), told(${this.#plain()})))`
      case 5:
        return `if (${this.#condition()}) return ${this.#value(n)}`
      case 6:
        return `yield ${this.#below(2)}`
      case 7:
      case 8:
        return `if (${this.#test(n)}) { ${this.#list(n, depth - 1)} } else { ${this.#list(n, depth - 1)} }`
      case 9:
        return `if (${this.#test(n)}) { ${this.#list(n, depth - 1)} }`
      default:
        return this.#loop(n, depth - 1)
    }
  }

  #loop(n: number, depth: number): string {
    const i = `i${this.#loops++}`
    const leave = this.#one(['break', 'continue'])
    const body = `${this.#list(n, depth)}; if (${this.#condition()}) ${leave}; ${this.#list(n, depth)}`
    if (this.#below(2) === 0)
      return `for (let ${i} = 0; ${i} < (${this.#plain()} & 3); ${i}++) { ${body} }`
    return `let ${i} = 0; while (${i} < 3) { ${i} = ${i} + 1; ${body} }`
  }

  #local(): string {
    return this.#one(['a', 'b', 'c'])
  }

  #plain(): string {
    return this.#one([
      'a',
      'b',
      'c',
      'p',
      '(a ^ b)',
      '((b + c) & 511)',
      '7',
      '(mem[c & 15] as number)',
    ])
  }

  #condition(): string {
    return this.#one([
      `(${this.#plain()} & 1) === 0`,
      `${this.#plain()} > ${this.#plain()}`,
      `l > ${this.#plain()}`,
      `!((${this.#plain()} & 3) === 1)`,
    ])
  }

  #test(n: number): string {
    const call = `((${this.#call(n)}) & 1) === 1`
    return this.#one([
      this.#condition(),
      `${this.#condition()} && ${call}`,
      `${call} || ${this.#condition()}`,
    ])
  }

  #value(n: number): string {
    return this.#one([
      this.#plain(),
      `(${this.#plain()} + (${this.#call(n)})) & 4095`,
      `((${this.#call(n)}) ^ ${this.#plain()}) + (told(a) & 7)`,
      `told(b) + (${this.#condition()} ? ${this.#plain()} : (${this.#call(n)}))`,
    ])
  }

  /** Of a function behind this one, or of itself while `left` says so. */
  #call(n: number): string {
    if (this.#below(4) === 0) return `left > 0 ? (yield* f${n}(${this.#plain()}, left - 1)) : 5`
    const next = n + 1 + this.#below(2)
    return next > 3 ? `told(${this.#plain()})` : `(yield* f${next}(${this.#plain()}, 1))`
  }
}

test('random text', { timeout: 120_000 }, () => {
  let stops = 0
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      stops += expectSame(new Writer(seed).text(), [0, 60]).length
    }),
    { numRuns: Number(process.env['FC_RUNS'] ?? 60), seed: 20261125 },
  )
  expect(stops).toBeGreaterThan(1000)
})
