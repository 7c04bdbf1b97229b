/**
 * What stops a derivation, each with its place, and texts that are derived although they look difficult.
 */
import { describe, expect, test } from 'vitest'

import { Analysis, DeriveError } from '../../src/forms/analysis.ts'
import { emitModule, type Form } from '../../src/forms/emit.ts'
import { Modules, ParseError, parseModule } from '../../src/forms/modules.ts'

const SYNC = 'x/sync.ts'
const HEAD = `import { atomicAdd, atomicDecAndTest, atomicSubReturnRelaxed, spinLock } from './sync.ts'\n`

function derive(
  texts: Record<string, string>,
  file = 'x/a.ts',
  form: Form = 'conditional',
): string {
  const modules = new Modules(Object.entries(texts).map(([name, text]) => parseModule(name, text)))
  const analysis = new Analysis(modules, { isSync: (each) => each === SYNC })
  const module = modules.byFile.get(file)
  if (module === undefined) throw new Error(`no ${file}`)
  return emitModule(analysis, module, {
    form,
    isMemory: () => false,
    engine: './engine.ts',
    entersFunctions: false,
    source: file,
    specifier: (target) => `./${target.split('/').at(-1)}`,
  }).code
}

/** A function of these statements, derived. */
function body(statements: string, form?: Form): string {
  const text = `${HEAD}export function f(a: number, b: number): number {\n${statements}\n  return a\n}\n`
  return derive({ 'x/a.ts': text }, 'x/a.ts', form)
}

function violations(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof DeriveError) return error.violations
    throw error
  }
  return []
}

describe('refused', () => {
  test('a primitive that may have to wait, in an expression', () => {
    expect(violations(() => body('  const x = spinLock(a, b)'))).toEqual([
      'x/a.ts:3:13: spinLock may have to wait: only as a statement of its own',
    ])
  })

  test('a call that can stop, in an argument of a primitive', () => {
    expect(violations(() => body('  atomicAdd(atomicSubReturnRelaxed(1, b), a)'))).toEqual([
      'x/a.ts:3:13: a call that can stop a CPU is no argument of a primitive: name it first',
    ])
  })

  test('a call in the address of a primitive', () => {
    const text = `${HEAD}function g(a: number): number {\n  return a\n}\nexport function f(a: number): void {\n  atomicAdd(1, g(a))\n}\n`
    expect(violations(() => derive({ 'x/a.ts': text }))).toEqual([
      'x/a.ts:6:16: the address of a primitive is made of names and integers: name it first',
    ])
  })

  test.each([
    ['in the address', 'atomicAdd(1, a++)', 16],
    ['before the address', 'atomicAdd(a++, a)', 13],
    ['by assignment', 'atomicAdd((a = b), a)', 14],
  ])('a change of a local %s, which is read twice', (_where, call, column) => {
    expect(violations(() => body(`  ${call}`))).toEqual([
      `x/a.ts:3:${column}: an argument of a primitive changes no local: change it first`,
    ])
  })

  test('a primitive without its address', () => {
    expect(violations(() => body('  atomicAdd(1)'))).toEqual([
      'x/a.ts:3:3: the primitive is called without the address of its word',
    ])
  })

  test('an expression that begins with such a call and has no block around it', () => {
    expect(violations(() => body('  if (b) atomicDecAndTest(a) && atomicDecAndTest(b)'))).toEqual([
      'x/a.ts:3:10: an expression that begins with such a call needs a block around it',
    ])
  })

  test("a member of 'plain' that can stop, with the chain of calls", () => {
    const text = `${HEAD}import type { Strategy } from './strategy.ts'
function h(a: number): void {
  atomicAdd(1, a)
}
function g(a: number): void {
  h(a)
}
export const mine: Strategy = { plain: { discard: g } }
`
    expect(violations(() => derive({ 'x/a.ts': text }))).toEqual([
      "x/a.ts:9:51: a member of 'plain' cannot stop a CPU, but g() → h() → atomicAdd()",
    ])
  })

  test('text that does not parse', () => {
    expect(() => parseModule('x/a.ts', 'const a = 1\nfunction (')).toThrow(ParseError)
    expect(() => parseModule('x/a.ts', 'const a = 1\nfunction (')).toThrow(
      /^x\/a\.ts:2:\d+: does not parse: /,
    )
  })
})

describe('names', () => {
  const leaf = `${HEAD}export function leaf(a: number): boolean {\n  return atomicDecAndTest(a)\n}\n`
  const user = (from: string, name: string): string =>
    `import { ${name} } from './${from}.ts'\nexport function f(a: number): boolean {\n  return ${name.split(' as ').at(-1)}(a)\n}\n`

  test('are followed through renames, re-exports and stars', () => {
    const texts = {
      'x/leaf.ts': leaf,
      'x/named.ts': "export { leaf as other } from './leaf.ts'\n",
      'x/star.ts': "export * from './named.ts'\n",
      'x/a.ts': user('star', 'other as mine'),
    }
    expect(derive(texts)).toContain('export function* f(a: number): $Steps<boolean>')
    expect(derive(texts)).toContain('return (yield* mine(a))')
  })

  test('are found although modules import each other', () => {
    const texts = {
      'x/a.ts': `import { g } from './b.ts'\nexport function f(a: number): void {\n  if (a) g(a - 1)\n}\n`,
      'x/b.ts': `${HEAD}import { f } from './a.ts'\nexport function g(a: number): void {\n  atomicAdd(1, a)\n  f(a)\n}\n`,
    }
    expect(derive(texts)).toContain('if (a) yield* g(a - 1)')
    expect(derive(texts, 'x/b.ts')).toContain('yield* f(a)')
  })

  test('that lead back to themselves name nothing', () => {
    const texts = {
      'x/a.ts': `import { g } from './b.ts'\nexport { g }\nexport function f(a: number): void {\n  g(a)\n}\n`,
      'x/b.ts': `import { g } from './a.ts'\nexport { g }\nexport * from './c.ts'\n`,
      'x/c.ts': `export * from './b.ts'\nexport * from './a.ts'\n`,
    }
    expect(derive(texts)).toBe(texts['x/a.ts'])
  })

  test('of functions that stop nothing stay as they are', () => {
    const text =
      'function g(a: number): number {\n  return a\n}\nexport function f(a: number): number {\n  return g(a)\n}\n'
    expect(derive({ 'x/a.ts': text })).toBe(text)
  })
})

describe('text', () => {
  test('that a parenthesis would join to the line before gets a semicolon', () => {
    const code = body('  let x = a\n  atomicDecAndTest(a) && atomicDecAndTest(b)\n  x = 1')
    const [, , , line] = code.split('\n')
    expect(line).toMatch(
      /^ {2};\(\$slack < 0 && \$ahead\(a\) && \(yield 0\), atomicDecAndTest\(a\)\) && \(/,
    )
  })

  test('beside characters outside ASCII keeps its places', () => {
    const code = body('  // wörter → 𝒳\n  atomicAdd(1, a)')
    expect(code).toContain('  $slack < 0 && $ahead(a) && (yield 0), atomicAdd(1, a)')
  })

  test('keeps its lines where an address has many', () => {
    const call = 'atomicAdd(1, a + // the word\n    /* after */ b,\n  )'
    const code = body(`  ${call}`)
    expect(code).toContain(`  $slack < 0 && $ahead(a + b) && (yield 0), ${call}\n  return a\n`)
  })

  test.each([
    ['x = a', 'atomicAdd(1, b)'],
    ['if (a) return 0', 'spinLock(a, b)'],
    ['x = a', 'f(a, b)'],
  ])('is not joined to the line before: %s, %s', (before, call) => {
    const code = body(`  let x = 0\n  ${before}\n  ${call}`)
    const program = parseModule('x/a.ts', code).functions.get('f')
    expect(program?.body?.body.map(({ type }) => type)).toEqual([
      'VariableDeclaration',
      before.startsWith('if') ? 'IfStatement' : 'ExpressionStatement',
      'ExpressionStatement',
      'ReturnStatement',
    ])
  })

  test('stays as it is in the raw form', () => {
    const line = '  if (atomicDecAndTest(a)) spinLock(a, b)'
    expect(body(line, 'raw')).toContain(`\n${line}\n`)
  })

  test('of the conditional form suspends before an operation, and after one that has to wait', () => {
    expect(body('  spinLock(a, b)')).toContain(
      '$slack < 0 && $ahead(a) && (yield 0), spinLock(a, b) && (yield 1)',
    )
  })
})
