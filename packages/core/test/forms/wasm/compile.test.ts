/**
 * The WebAssembly compiler, construct by construct: the compiled text does what JavaScript does with it, inlined or not;
 * what it cannot take is refused, with its place.
 */
import { stripTypeScriptTypes } from 'node:module'
import { runInNewContext } from 'node:vm'

import { describe, expect, test } from 'vitest'

import { WasmCompileError } from '../../../src/forms/wasm/errors.ts'
import { compileBytes, compileSmall, framesOf } from './support.ts'

/** What JavaScript makes of the same text; booleans as 0 and 1. */
function inJavaScript(text: string, values: readonly number[]) {
  const words = new Int32Array(16384)
  const told: number[] = []
  const scope = {
    load: (at: number) => words[at],
    store: (at: number, value: number) => {
      words[at] = value
    },
    fetchAdd: (at: number, value: number) => Atomics.add(words, at, value),
    compareExchange: (at: number, expected: number, value: number) =>
      Atomics.compareExchange(words, at, expected, value),
    BASE: 1000,
    told: (value: number) => {
      told.push(value)
      return (value + 1) | 0
    },
  }
  const code = stripTypeScriptTypes(text).replaceAll('export ', '')
  const strategy = text.includes('strategy1') ? 'strategy1' : 'undefined'
  const names = Object.keys(scope).join(', ')
  const run = runInNewContext(
    `(({ ${names} }) => { ${code}; return (...v) => f(...v, ${strategy}) })`,
  ) as (given: typeof scope) => (...values: number[]) => unknown
  const result = run(scope)(...values)
  return { result: result === undefined ? undefined : Number(result), words, told }
}

const VALUES = [0, 1, -1, 2, 7, 31, 1000, -1000, 2 ** 31 - 1, -(2 ** 31)]

const CONSTRUCTS: Record<string, string> = {
  arithmetic:
    'export function f(a: number, b: number): number { return ((a & 255) + (b & 7) * 3 - 2) ^ ~a }',
  'wrapping sums, as |0 says':
    'export function f(a: number, b: number): number { return (a + b) | 0 }',
  imul: 'export function f(a: number, b: number): number { return Math.imul(a, b) }',
  'min and max':
    'export function f(a: number, b: number): number { return Math.min(a, b) ^ Math.max(a, 5) }',
  shifts: 'export function f(a: number, b: number): number { return (a << (b & 31)) | (a >> 3) }',
  division: 'export function f(a: number, b: number): number { return ((a / 6) | 0) + (b % 7) }',
  'negation of values':
    'export function f(a: number, b: number): number { return -(a >> 1) + -2147483648 }',
  comparisons:
    'export function f(a: number, b: number): number { return a < b ? 1 : a === b ? 2 : a >= 100 ? 3 : a !== -1 ? 4 : 5 }',
  'logic evaluates the right side only where it counts':
    'export function f(a: number, b: number): boolean { return (a > 0 && told(a) > 1) || (b > 0 && !(told(b) === 2)) }',
  'booleans as values':
    'export function f(a: number, b: number): boolean { const less = a < b; let both = less === (a !== 0); if (!both) both = less; return both }',
  'if and else':
    'export function f(a: number, b: number): number { if (a > b) return 1; else if (a === b) { return 2 } return 3 }',
  'while with break and continue':
    'export function f(a: number, b: number): number { let i = 0; let n = 0; while (i < 20) { i++; if (i === (a & 7)) continue; if (i > (b & 15)) break; n += i } return n }',
  'for, with a comma in its update':
    'export function f(a: number, b: number): number { let n = 0; for (let i = 0, j = a & 15; i < j; i++, j--) { if (i === 2) continue; n = n * 2 + j } return n }',
  'nested loops':
    'export function f(a: number, b: number): number { let n = 0; for (let i = 0; i < 5; i++) { for (let j = 0; j < 5; j++) { if (j === (a & 3)) continue; if (i === (b & 7)) break; n = n + i * 5 } } return n }',
  'a let in a loop begins anew':
    'export function f(a: number, b: number): number { let n = 0; for (let i = 0; i < 4; i++) { let x = 1; x += i; n += x } return n }',
  'assignment as a value, and updates':
    'export function f(a: number, b: number): number { let x = a & 15; let y = 0; y = x = x + 1; const z = x++; return y * 100 + z * 10 + --x }',
  'constants of module level':
    'const A = 3 << 4\nconst B = A | 1\nconst C = (B / 2) | 0\nexport function f(a: number, b: number): number { return B + C - (a & A) }',
  'values that a run fixes':
    'export function f(a: number, b: number): number { return BASE + (a & 1) }',
  'loads and stores':
    'export function f(a: number, b: number): number { const at = BASE + 5; store(at + 2, a); store(at - 1, b); return load(BASE + (b & 1) + 7) }',
  atomics:
    'export function f(a: number, b: number): number { store(50, a); const old = fetchAdd(50, b); return compareExchange(50, old, 9) ^ load(50) }',
  'calls, also of functions without a result':
    'function put(at: number, value: number): void { if (at === 3) return; store(at, value) }\nfunction get(at: number): number { return load(at) }\nexport function f(a: number, b: number): number { put(a & 7, b); put(3, 5); return get(a & 7) + get(3) }',
  'a function that returns from within a loop':
    'function find(a: number): number { for (let i = 0; i < 9; i++) { if (i * 2 > (a & 15)) return i } return -1 }\nexport function f(a: number, b: number): number { return find(a) * 10 + find(b) }',
  'a parameter that its function assigns to':
    'function down(n: number): number { while (n > 3) n = n - 3; return n }\nexport function f(a: number, b: number): number { const x = a & 31; return down(x) * 100 + x }',
  'functions that call each other':
    'function even(n: number): boolean { return n === 0 ? true : odd(n - 1) }\nfunction odd(n: number): boolean { return n === 0 ? false : even(n - 1) }\nexport function f(a: number, b: number): boolean { return even(a & 31) }',
  'functions of sync that stay JavaScript':
    'export function f(a: number, b: number): number { told(a); return told(b & 255) }',
  'a strategy, with what it spreads':
    'interface Strategy {}\nfunction one(a: number): number { return a ^ 1 }\nfunction two(a: number): number { return a ^ 2 }\nconst base: Strategy = { id: "b", words: 4, go: one, plain: { here: one, there: one } }\nexport const strategy1: Strategy = { ...base, id: "s", words: 2, plain: { ...base.plain, there: two } }\nfunction g(a: number, strategy: Strategy): number { return strategy.go(a) + strategy.plain.here(a) }\nexport function f(a: number, b: number, strategy: Strategy): number { return Math.imul(g(a & 255, strategy) + strategy.plain.there(b & 255), strategy.words) }',
}

describe.each([0, 40])('with functions up to size %d inlined', (inlineLimit) => {
  test.each(Object.entries(CONSTRUCTS))('%s', (_, text) => {
    for (const a of VALUES) {
      for (const b of VALUES) {
        const small = compileSmall(text, inlineLimit)
        const got = small.f(a, b)
        const expected = inJavaScript(text, [a, b])
        expect([a, b, got, small.told]).toEqual([
          a,
          b,
          expected.result && expected.result | 0,
          expected.told,
        ])
        expect(small.words).toEqual(expected.words)
      }
    }
  })
})

const REFUSED: Record<string, [string, string]> = {
  'a string': ['return "x"', '1:40: no int32 and no boolean'],
  'a fraction': ['return 0.5', '1:40: no int32 and no boolean'],
  'a number beyond int32': ['return 2147483648', '1:40: no int32 and no boolean'],
  'division with a fraction': ['return a / 2', '1:40: no /'],
  'a product of two values': ['return a * a', '1:40: a product of two values is Math.imul(a, b)'],
  'an unsigned shift': ['return a >>> 1', '1:40: no >>>'],
  'loose equality': ['return a == 1 ? 1 : 0', '1:40: no =='],
  'an integer as a condition': [
    'if (a) return 1; return 0',
    '1:37: a condition is a boolean, not an integer',
  ],
  'a boolean in arithmetic': [
    'return (a > 1) + 1',
    '1:41: an operand of + is an integer, not a boolean',
  ],
  'an integer negated by !': [
    'return !a ? 1 : 0',
    '1:40: what ! negates is a boolean, not an integer',
  ],
  'an unknown name': ['return unknown', '1:40: unknown name unknown'],
  'an unknown function': ['return unknown(a)', '1:40: unknown name unknown'],
  'a function as a value': ['const g = f; return a', '1:43: f is no integer constant'],
  'a method': ['return a.toString()', '1:40: only functions are called'],
  'other Math': ['return Math.sqrt(a)', '1:40: only Math.imul, Math.min and Math.max'],
  'too few arguments': ['return load()', '1:40: load takes 1 arguments'],
  'a void call as a value': ['const x = store(a, 1); return x', '1:43: this call returns no value'],
  switch: ['switch (a) {} return a', '1:33: SwitchStatement is no kernel text'],
  'do while': [
    'do { a = 1 } while (a === 0); return a',
    '1:33: DoWhileStatement is no kernel text',
  ],
  throw: ['throw a', '1:33: ThrowStatement is no kernel text'],
  try: ['try { } finally { } return a', '1:33: TryStatement is no kernel text'],
  'for of': ['for (const x of a) { } return a', '1:33: ForOfStatement is no kernel text'],
  'a label': ['x: while (true) break x; return a', '1:33: LabeledStatement is no kernel text'],
  'an object': ['const x = { a }; return a', '1:43: ObjectExpression is no kernel text'],
  'an array': ['const x = [a]; return a', '1:43: ArrayExpression is no kernel text'],
  destructuring: ['const { x } = a; return a', '1:39: a local is a name with an initial value'],
  'a local without a value': ['let x; return a', '1:37: a local is a name with an initial value'],
  'a closure': ['const x = () => a; return a', '1:43: ArrowFunctionExpression is no kernel text'],
  'assigning to what is no local': ['BASE = 1; return a', '1:33: only locals are assigned to'],
  'assigning to a const': ['const x = 1; x = 2; return a', '1:46: only locals are assigned to'],
  'a strategy where there is none': ['return strategy.x(a)', '1:40: strategy.x is no function'],
  'the strategy as a value': ['const s = strategy; return a', '1:43: unknown name strategy'],
}

/** What the compiler says of a text. */
function refusalOf(text: string): readonly string[] {
  try {
    compileBytes(text, 40)
  } catch (error) {
    if (error instanceof WasmCompileError) return error.violations
    throw error
  }
  return []
}

test.each(Object.entries(REFUSED))('refused: %s', (_, [body, message]) => {
  const [line = ''] = refusalOf(`\nexport function f(a: number): number { ${body} }`)
  // `{ ` opens the body before column 40
  const [, row, column, reason] = /^text\.ts:(\d+):(\d+): (.*)$/.exec(line) ?? []
  const [, , wantedColumn, wanted = ''] = /^(\d+):(\d+): (.*)$/.exec(message) ?? []
  expect(reason).toContain(wanted)
  expect([row, Number(column) - 40]).toEqual(['2', Number(wantedColumn) - 33])
})

test('a value that the strategy decides is a constant, any other is imported', () => {
  const text =
    'export const strategy1: Strategy = { id: "s", base: 7 }; export function f(a: number): number { return a + BASE }'
  expect(compileSmall(text).f(1)).toBe(1001)
  expect(compileSmall(text, 40, { BASE: 'base' }).f(1)).toBe(8)
  expect(compileSmall(text, 40, { BASE: 'another' }).f(1)).toBe(1001)
})

test('nothing runs behind a call of a function that is declared never to return', () => {
  const text =
    'function check(a: number): void { if (a < 0) refuse(a) }; export function f(a: number): number { check(a); return told(a) }'
  const small = compileSmall(text)
  expect(small.f(4)).toBe(5)
  expect(() => small.f(-4)).toThrow('unreachable')
  expect(small.told).toEqual([4, -4])
})

test('all violations are told at once, each once', () => {
  const text =
    '\nfunction g(a: number): number { return a / 2 }\nexport function f(a: number): number { return g(a) + g(1) + x }'
  expect(refusalOf(text)).toEqual(['text.ts:2:40: no /', 'text.ts:3:61: unknown name x'])
})

test('a trap names the functions and their places, inlined ones too', () => {
  const text =
    '\nfunction inner(at: number): number {\n  return load(at)\n}\nfunction outer(at: number): number {\n  return inner(at) + 1\n}\nexport function f(a: number): number {\n  return outer(a)\n}\n'
  for (const inlineLimit of [0, 40]) {
    const small = compileSmall(text, inlineLimit)
    let frames: string[] = []
    try {
      small.f(0x1000000)
    } catch (error) {
      frames = framesOf(small, error as Error)
    }
    expect(frames).toEqual(['inner text.ts:3:10', 'outer text.ts:6:10', 'f text.ts:9:10'])
  }
})
