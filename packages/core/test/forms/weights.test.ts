/**
 * How many plain accesses each stretch of a text is charged for, and where.
 */
import { describe, expect, test } from 'vitest'

import { Analysis } from '../../src/forms/analysis.ts'
import { emitModule } from '../../src/forms/emit.ts'
import { Modules, parseModule } from '../../src/forms/modules.ts'
import { Weights } from '../../src/forms/weights.ts'

const HEAD = `import { load, store } from './memory.ts'
import { atomicAdd, spinLock } from './sync.ts'
`

/** The body of function f in the conditional form, its first line without spaces at the ends. */
function charged(body: string, before = ''): string {
  const text = `${HEAD}${before}export function f(cpu: number, a: number): number {\n${body}\n}\n`
  const module = parseModule('x/text.ts', text)
  const analysis = new Analysis(new Modules([module]), { isSync: (file) => file === 'x/sync.ts' })
  const isMemory = (file: string): boolean => file === 'x/memory.ts'
  const { code } = emitModule(analysis, module, {
    form: 'conditional',
    weights: new Weights(analysis, isMemory),
    isMemory,
    engine: './engine.ts',
    entersFunctions: false,
    source: 'text.ts',
    specifier: (file) => `./${file.split('/').at(-1)}`,
  })
  return code
}

/** The accesses that are charged, in the order of the text. */
function charges(body: string, before = ''): number[] {
  const quarters = charged(body, before).matchAll(/\$chargeAccesses\((\d+)\)/g)
  return [...quarters].map(([, n]) => Number(n) / 4)
}

describe('a stretch', () => {
  test('is charged once, for all of its accesses', () => {
    const body = 'if (a) return 0\nstore(a, load(a) + 1)\nstore(a + 1, load(a))\nreturn load(a)'
    expect(charges(body)).toEqual([5])
  })

  test('ends behind a statement that may leave the block', () => {
    expect(charges('if (load(a) !== 0) return 0\nstore(a, 1)\nreturn load(a)')).toEqual([1, 2])
  })

  test('ends behind a statement that may stop the CPU', () => {
    expect(charges('store(a, 1)\natomicAdd(1, a)\nstore(a, load(a))\nreturn 0')).toEqual([1, 2])
  })

  test('has the tests of else-if, and both sides of && and ?:', () => {
    const body =
      'if (load(a) !== 0 && load(a + 1) !== 0) a = 1\nelse if (load(a + 2) !== 0) a = 2\nreturn a > 0 ? load(a) : load(a + 1)'
    expect(charges(body)).toEqual([5])
  })
})

describe('what the kernel does not do', () => {
  test('is not charged, nor are its arguments', () => {
    expect(charges('countEvents(a, 3, load(a))\nbugOn(load(a) < 0, 1)\nreturn 0')).toEqual([])
    expect(charges('store(a, 1)\nif (load(a) > 0) bugOn(load(a) < 0, 1)\nreturn 0')).toEqual([2])
  })

  test('is not charged inside either', () => {
    const before = `function countEventMax(at: number, n: number): void {
  if (n > load(at)) store(at, n)
}
`
    expect(charges('if (a > 0) countEventMax(a, load(a))\nreturn load(a)', before)).toEqual([1])
  })
})

describe('inside', () => {
  test('a branch is charged where it is taken, in braces if it has none', () => {
    const code = charged('if (a > 0) store(a, load(a))\nelse {\n  store(a, 1)\n}\nreturn 0')
    expect(code).toContain('if (a > 0) { $chargeAccesses(8); store(a, load(a)) }')
    expect(code).toContain('{\n  $chargeAccesses(4); store(a, 1)\n}')
  })

  test('a loop is charged at each turn, with its test and its update', () => {
    const body = 'for (let i = load(a); i < load(a + 1); i = load(i)) {\n  store(i, 0)\n}\nreturn 0'
    expect(charges(body)).toEqual([1, 3])
    expect(charges('while (load(a) !== 0) store(a, 0)\nreturn 0')).toEqual([2])
  })

  test('what stands behind a break is charged apart', () => {
    const body = 'while (a > 0) {\n  if (load(a) === 0) break\n  store(a, 0)\n}\nreturn 0'
    expect(charges(body)).toEqual([1, 1])
  })
})

describe('functions', () => {
  const straight = 'function two(p: number): number {\n  return load(p) + load(p + 1)\n}\n'

  test('without branches are charged by their callers, through other such functions too', () => {
    const outer = `${straight}function four(p: number): number {\n  return two(p) + two(p + 2)\n}\n`
    expect(charges('if (a) return 0\nreturn four(a) + load(a)', outer)).toEqual([5])
  })

  test('with branches charge themselves', () => {
    const branched =
      'function g(p: number): number {\n  if (p === 0) return 0\n  return load(p)\n}\n'
    expect(charges('if (a) return 0\nreturn g(a) + load(a)', branched)).toEqual([1, 1])
  })
})

describe('a strategy', () => {
  const member = 'export function tlbFull(p: number): boolean {\n  return load(p) > 0\n}\n'

  test('has members in `plain` that charge themselves: who calls them does not name them', () => {
    const record = `${member}export const mine: Strategy = { id: 'mine', plain: { tlbFull: tlbFull } }\n`
    expect(charges('if (a) return 0\nreturn tlbFull(a) ? 1 : 0', record)).toEqual([1])
    expect(charges('if (a) return 0\nreturn load(a)', record)).toEqual([1, 1])
    expect(charges('if (a) return 0\nreturn load(a)', member)).toEqual([1])
  })
})

describe('recursion', () => {
  const user = 'if (a) return 0\nreturn g(a) + load(a)'

  test('through ?: charges itself at each call', () => {
    const g =
      'function g(p: number): number {\n  return p > 0 ? g(p - 1) + load(p) : load(p + 1)\n}\n'
    expect(charges(user, g)).toEqual([2, 1])
  })

  test('of two functions is neither charged by who calls one of them', () => {
    const g = 'function g(p: number): number {\n  return p > 0 && h(p - 1) ? load(p) : 0\n}\n'
    const h = 'function h(p: number): boolean {\n  return g(p) + load(p) + load(p + 1) > 0\n}\n'
    expect(charges(user, g + h)).toEqual([1, 2, 1])
  })

  test('below a function leaves that function to its callers', () => {
    const r = 'function r(p: number): number {\n  return p > 0 ? r(p - 1) + load(p) : 0\n}\n'
    const g = 'function g(p: number): number {\n  return r(p) + load(p) + load(p + 1)\n}\n'
    expect(charges(user, r + g)).toEqual([1, 3])
  })
})

describe("the CPU's own words", () => {
  test('are accessed without asking who has the line, and cost a quarter', () => {
    const code = charged('if (a) return 0\nstore(cpu + 1, load(cpu + 2) + load(a))\nreturn 0')
    expect(code).toContain('$chargeAccesses(6); store(cpu + 1, $loadOwn(cpu + 2) + load(a))')
    expect(code).toContain('import { load, loadOwn as $loadOwn, storeOwn as store }')
  })

  test('alone change the import and no call', () => {
    const code = charged('if (a) return 0\nstore(cpu + 1, load(cpu + 2))\nreturn 0')
    expect(code).toContain('import { loadOwn as load, storeOwn as store }')
    expect(code).toContain('store(cpu + 1, load(cpu + 2))')
  })
})

test('a lock that is waited for ends a stretch as well', () => {
  expect(charges('store(a, 1)\nspinLock(a, 0)\nreturn load(a)')).toEqual([1, 1])
})
