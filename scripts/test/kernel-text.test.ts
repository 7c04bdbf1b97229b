/**
 * The lint of the kernel text: text that keeps every rule, and one line for each construct it refuses.
 */
import { describe, expect, it } from 'vitest'

import { checkTexts } from '../../packages/core/src/forms/rules/check-texts.ts'

const FILE = 'packages/core/src/mm/rmap.ts'
const MODULES: Record<string, string> = {
  'packages/core/src/sync/live.ts':
    'export function readOnce(a: number): number { return a }\nexport const FULL = 1\n',
  'packages/core/src/machine/machine.ts': 'export let zone = 0\n',
  'packages/core/src/mm/strategies/strategy.ts':
    'export interface Strategy { id: string; stride: number; zap(page: number): void; ' +
    'plain: { order(page: number): number } }\n',
}

const HEAD = `
import { readOnce, FULL } from '../sync/live.ts'
import { zone } from '../machine/machine.ts'
import type { Strategy } from './strategies/strategy.ts'
export const A = 1
export function g(a: number): number {
  return a
}
`
const HEAD_LINES = HEAD.split('\n').length - 1

function check(text: string): string[] {
  const texts: Record<string, string> = { ...MODULES, [FILE]: HEAD + text }
  const files = [FILE, 'packages/core/src/mm/strategies/strategy.ts']
  return checkTexts(files, (file) => texts[file])
}

/** The reasons without positions. */
function reasons(text: string): string[] {
  return check(text).map((line) => line.replace(/^[^ ]+: /, ''))
}

const body = (statements: string) =>
  `export function f(a: number, b: number, ok: boolean, strategy: Strategy): number { ${statements}; return 0 }`

describe('kernel text', () => {
  it('that keeps the rules passes', () => {
    const text = `
      /** Types of any shape. */
      export type Pfn = number & { readonly brand: 'pfn' }
      export interface Shape { a: string[]; b?: () => void }
      export type { Strategy }
      const SHIFT = 9
      export const SIZE = 1 << SHIFT
      export const MASK = ~(SIZE - 1) | 0x7fff
      export const HALF = (SIZE / 2) | 0, LOWEST = -2147483648
      export const LIMIT = SIZE * 2 + -A + (FULL as Pfn)
      export const NONE = -1 as Pfn
      function helper(page: Pfn, dirty: boolean): boolean {
        return dirty && page !== NONE
      }
      export function walk(from: Pfn, to: number, strategy: Strategy): void {
        let done = 0
        const big: number = Math.imul(from, to)
        for (let i = from, j = 0; i < to; i++, j += 2) {
          if (!helper(i as Pfn, true)) continue
          else if (strategy.plain.order(i) > strategy.stride) break
          done += i * SIZE + 4 * j - (-1) * A
        }
        for (;;) break
        while (readOnce(zone) === 0 && done >= 0) {
          done = done > 3 ? (done / 2) | 0 : done % 2
          done >>= 1
          done--
          strategy.zap(done)
          walk(from, Math.min(to, ~big), strategy)
        }
        { let more = 0; more = more ^ 1 }
        ;
        return
      }
      export const base: Strategy = { id: 'base', stride: 1 << SHIFT, zap: g, plain: { order: g } }
      export const range: Strategy = { ...base, id: 'range', stride: A, g, plain: { ...base.plain } }
    `
    expect(check(text)).toEqual([])
  })

  it('is reported with all violations, their lines and columns', () => {
    const text = body('let c = a == b; c = 1 / a')
    const at = (part: string) => `${FILE}:${HEAD_LINES + 1}:${text.indexOf(part) + 1}`
    expect(check(text)).toEqual([
      `${at('a == b')}: no ==: use ===`,
      `${at('1 / a')}: division only as (a / b) | 0`,
    ])
  })

  it('that does not parse is a violation', () => {
    expect(check('export function (')[0]).toMatch(/^packages.*does not parse: /)
  })

  it('must be there', () => {
    expect(checkTexts([], () => undefined)).toEqual(['kernel-text saw no file at all'])
  })
})

const CLOSURE = 'no closures: functions are declarations of module level'
const LEVEL =
  'module level holds only imports, types, integer constants, functions and strategy records'
const CONSTANT = 'a constant of module level is an integer expression of literals and constants'
const MEMBER = 'a member of a strategy record is the name of a function or an integer'
const FROM = 'kernel text imports only from lib, machine, sync, mm, kernel'
const FRACTION = 'no fractions: every number is an int32'
const PRODUCT = 'a product of two values is Math.imul(a, b)'
const DIVISION = 'division only as (a / b) | 0'
const OBJECTS = 'no objects: state is reached through accessors'
const BY_NAME = 'only functions by their name are called'
const PARAMETER = 'a parameter is boolean, number or a brand'
const NAMED = 'a parameter of type Strategy, and no other, is named strategy'

describe('module level refuses', () => {
  it.each([
    ["import x from '../lib/x.ts'", 'no default imports'],
    ["import * as x from '../lib/x.ts'", 'no namespace imports'],
    ["import '../lib/x.ts'", 'no imports for their side effect'],
    ["import { x } from 'node:fs'", FROM],
    ["import { x } from '../scenario/x.ts'", FROM],
    ["import { x } from '../../../workers/src/x.ts'", FROM],
    [
      "import { x } from './strategies/index.ts'",
      'no kernel text: the list of strategies, for hosts to choose from',
    ],
    ['export default 1', 'no default exports'],
    ['export { g as h }', 'export where it is declared'],
    ["export { x } from '../lib/x.ts'", 'export where it is declared'],
    ["export * from '../lib/x.ts'", LEVEL],
    ['let x = 1', LEVEL],
    ['var x = 1', LEVEL],
    ['declare const x: number', LEVEL],
    ['g(1)', LEVEL],
    ["'use strict'", LEVEL],
    ['if (A) g(1)', LEVEL],
    ['namespace N { export const x = 1 }', LEVEL],
    ['enum E { X }', 'no enums'],
    ['class C {}', 'no classes'],
    ['declare function x(): void', 'no overloads and no declared functions'],
    ['const x = () => 1', CLOSURE],
    ['const x = function () {}', CLOSURE],
    ['const { x } = A', 'no destructuring'],
    ["const x = 'text'", CONSTANT],
    ['const x = true', CONSTANT],
    ['const x = [1]', CONSTANT],
    ['const x = g(1)', CONSTANT],
    ['const x = A / 2', CONSTANT],
    ['const x = A >>> 2', CONSTANT],
    ['const x = 0.5', FRACTION],
    ['const x = (1 / 0) | 0', FRACTION],
    ['const x = 2147483648', '2147483648 is outside int32'],
    ['const x = 65536 * 65536', '4294967296 is outside int32'],
    ['const x = other', 'other is no integer constant'],
    ['const x = g', 'g is no integer constant'],
  ])('%s', (text, reason) => {
    expect(reasons(text)).toContain(reason)
  })
})

describe('a function refuses', () => {
  it.each([
    ['async function f(): void {}', 'no async functions'],
    ['function* f(): void {}', 'no generators'],
    ['function f<T>(): void {}', 'no type parameters'],
    ['function f() {}', 'a function writes its return type'],
    ['function f(): string {}', 'a return type is void, boolean, number or a brand'],
    ['function f(): number | undefined {}', 'a return type is void, boolean, number or a brand'],
    ['function f(): Promise<number> {}', 'a return type is void, boolean, number or a brand'],
    ['function f(a): void {}', 'a parameter writes its type'],
    ['function f(a?: number): void {}', 'no optional parameters'],
    ['function f(a: number = 1): void {}', 'no default parameters'],
    ['function f(...a: number[]): void {}', 'no rest parameters'],
    ['function f({ a }: Pair): void {}', 'no destructuring'],
    ['function f(a: () => void): void {}', PARAMETER],
    ['function f(a: number[]): void {}', PARAMETER],
    ['function f(s: Strategy): void {}', NAMED],
    ['function f(strategy: number): void {}', NAMED],
    ['function f(g: number): void {}', 'parameter g hides a name of module level'],
  ])('%s', (text, reason) => {
    expect(reasons(text)).toEqual([reason])
  })
})

describe('a body refuses the statement', () => {
  it.each([
    ['function h(): void {}', 'no nested functions: functions are declarations of module level'],
    ['class C {}', 'no classes'],
    ['throw a', 'no throw: use bugOn'],
    ['try { g(a) } finally { g(b) }', 'no try'],
    ['for (const x of a) g(x)', 'no for-of'],
    ['for (const x in a) g(1)', 'no for-in'],
    ['do { g(a) } while (ok)', 'no do: use while'],
    ['out: while (ok) g(a)', 'no labels'],
    ['while (ok) break out', 'no labels'],
    ['while (ok) continue out', 'no labels'],
    ['switch (a) { case 1: g(a) }', 'no switch: use if'],
    ['debugger', 'no debugger'],
    ['var c = 1', 'no var: let or const'],
    ['using c = a', 'no using: let or const'],
    ['let c', 'a local has an initial value'],
    ['const { c } = a', 'no destructuring'],
    ['const [c] = a', 'no destructuring'],
    ["let c: 'x' = a", 'a local is boolean, number or a brand'],
    ['let g = 1', 'local g hides a name of module level'],
    ['let a = 1', 'local a hides a parameter'],
    ['type T = number', 'types are declared at module level'],
  ])('%s', (text, reason) => {
    expect(reasons(body(text))).toContain(reason)
  })
})

describe('a body refuses the value', () => {
  it.each([
    ["g('a')", 'no strings'],
    ['g(`a`)', 'no strings'],
    ['g`a`', 'no strings'],
    ['g(/a/)', 'no regular expressions'],
    ['g(1n)', 'no BigInt'],
    ['g(1.5)', FRACTION],
    ['g(NaN)', FRACTION],
    ['g(0xffffffff)', '4294967295 is outside int32'],
    ['g(-2147483649)', '-2147483649 is outside int32'],
    ['g(null)', 'no null'],
    ['g(undefined)', 'no undefined'],
    ['g({ a })', 'no objects'],
    ['g([a])', 'no arrays'],
    ['g(() => a)', CLOSURE],
    ['g(function () {})', CLOSURE],
    ['g(class {})', 'no classes'],
    ['g(new C())', 'no new'],
    ['g(this)', 'no this'],
    ['this.x = 1', 'assignment only to locals'],
    ['g(this.x)', 'no this'],
    ['g(...a)', 'no spread'],
    ['g(typeof a)', 'no unary typeof'],
    ['delete a.b', 'no unary delete'],
    ['void g(a)', 'no unary void'],
    ['g(+a)', 'no unary +'],
    ['g(a in b)', 'no in'],
    ['g(a instanceof b)', 'no instanceof'],
    ['g(a?.b)', 'no optional chaining'],
    ['g?.(a)', 'no optional chaining'],
    ['g(a ?? b)', 'no ??'],
    ['g(a ** b)', 'no **'],
    ['g(a == b)', 'no ==: use ==='],
    ['g(a != b)', 'no !=: use !=='],
    ['g(a >>> b)', 'no >>>: a u32 is no int32'],
    ['g(a / b)', DIVISION],
    ['g(a / b | 1)', DIVISION],
    ['g(a * b)', PRODUCT],
    ['g((a, b))', 'no comma operator outside the update of a for'],
    ['g(a), g(b)', 'no comma operator outside the update of a for'],
    ['g(a!)', 'TSNonNullExpression is no kernel text'],
    ['g(<number>a)', 'TSTypeAssertion is no kernel text'],
    ['g(a satisfies number)', 'TSSatisfiesExpression is no kernel text'],
    ['g(a as any)', 'a value is boolean, number or a brand'],
    ['g(a as const)', 'a value is boolean, number or a brand'],
    ['g(import.meta)', 'no import.meta and no new.target'],
    ["import('../lib/x.ts')", 'no import()'],
    ['g(g)', 'function g is used as a value'],
    ['g(readOnce)', 'function readOnce is used as a value'],
    ['let h = g', 'function g is used as a value'],
    ['g(nothing)', 'unknown name nothing'],
    ['g(a.b)', OBJECTS],
    ['g(a[0])', OBJECTS],
    ['g(Math.PI)', 'only Math.imul, Math.min and Math.max are known, not Math.PI'],
  ])('%s', (text, reason) => {
    expect(reasons(body(text))).toContain(reason)
  })

  it('await and yield', () => {
    expect(reasons('async function f(): void { await g(1) }')).toContain('no await')
    expect(reasons('function* f(): void { yield 1 }')).toContain('no yield')
  })
})

describe('a body refuses the assignment', () => {
  it.each([
    ['zone = 1', 'assignment only to locals'],
    ['A++', 'assignment only to locals'],
    ['a.b = 1', 'assignment only to locals'],
    ['a[0] = 1', 'assignment only to locals'],
    ['strategy = b', 'assignment only to locals'],
    [';[a] = b', 'no destructuring'],
    [';({ a } = b)', 'no destructuring'],
    ['a /= 2', DIVISION],
    ['a *= b', PRODUCT],
    ['a **= 2', 'no **='],
    ['a >>>= 2', 'no >>>: a u32 is no int32'],
    ['a ??= 2', 'no ??='],
    ['a ||= 2', 'no ||='],
  ])('%s', (text, reason) => {
    expect(reasons(body(text))).toContain(reason)
  })
})

describe('a body refuses the call', () => {
  it.each([
    ['a(1)', `a is a local: ${BY_NAME}`],
    ['A(1)', 'A is no function'],
    ['nothing(1)', 'unknown name nothing'],
    ['a.b(1)', OBJECTS],
    ['a[0](1)', OBJECTS],
    ['g(1)(2)', BY_NAME],
    ['(ok ? g : g)(1)', BY_NAME],
    ['g<number>(a)', 'no type arguments'],
    ['Math.floor(a)', 'only Math.imul, Math.min and Math.max are known, not Math.floor'],
    ['Math.random()', 'only Math.imul, Math.min and Math.max are known, not Math.random'],
    ['Date.now()', 'no clock'],
    ['performance.now()', 'no clock'],
    ['console.log(a)', 'no console'],
    ['Atomics.load(a, 0)', 'only sync/ names Atomics'],
    ['process.exit(1)', 'no process'],
  ])('%s', (text, reason) => {
    expect(reasons(body(text))).toContain(reason)
  })
})

describe('strategy', () => {
  const VALUE = 'strategy is only called or passed on'
  const INTEGERS = 'is used as a value: only its integers may be read'
  it.each([
    ['let s = strategy', VALUE],
    ['g(ok ? strategy : strategy)', VALUE],
    ['if (strategy === b) g(a)', VALUE],
    ['g(strategy.zap)', `member zap of strategy ${INTEGERS}`],
    ['g(strategy.id)', `member id of strategy ${INTEGERS}`],
    ['g(strategy.plain)', `member plain of strategy ${INTEGERS}`],
    ['g(strategy.plain.order)', `member plain of strategy ${INTEGERS}`],
    ['strategy[a](1)', OBJECTS],
    ['strategy.plain(1)', 'a call through strategy is strategy.f(...) or strategy.plain.f(...)'],
    ['strategy.x.y(1)', 'a call through strategy is strategy.f(...) or strategy.plain.f(...)'],
    ['let { zap } = strategy', 'no destructuring'],
  ])('is refused in %s', (text, reason) => {
    expect(reasons(body(text))).toContain(reason)
  })

  it.each([
    ['function f(): void { strategy.zap(1) }', 'strategy is no parameter here'],
    ['function f(): void { g(strategy) }', 'strategy is no parameter here'],
    ['function f(): void { let strategy = 1 }', 'only a parameter is named strategy'],
  ])('is refused in %s', (text, reason) => {
    expect(reasons(text)).toContain(reason)
  })

  it.each([
    ['export const x: Strategy = g', 'a strategy is a record written in place'],
    ['export const x: Strategy = { zap() {} }', 'no methods'],
    ['export const x: Strategy = { get zap() {} }', 'no methods'],
    ['export const x: Strategy = { [A]: g }', 'a member of a strategy record has a plain name'],
    ['export const x: Strategy = { zap: () => {} }', MEMBER],
    ['export const x: Strategy = { zap: true }', MEMBER],
    ['export const x: Strategy = { deep: { zap: g } }', MEMBER],
    ['export const x: Strategy = { zap: nothing }', 'unknown name nothing'],
    ["export const x: Strategy = { zap: 'text' }", 'only the id of a strategy is a string'],
    ["export const x: Strategy = { plain: { id: 'a' } }", 'only the id of a strategy is a string'],
    ['export const x: Strategy = { plain: g }', 'plain is a record written in place'],
    ['export const x: Strategy = { ...g }', 'only another strategy record may be spread'],
    ['export const x: Strategy = { ...{ a: 1 } }', 'only another strategy record may be spread'],
  ])('refuses the record %s', (text, reason) => {
    expect(reasons(text)).toContain(reason)
  })

  it('refuses a record by its own name in a body', () => {
    const text = 'const x: Strategy = { g }\nfunction f(): void { g(x); x.g(1) }'
    expect(reasons(text)).toEqual(['strategy record x is used as a value', OBJECTS])
  })
})
