import { expect, test } from 'vitest'

import { withConstants } from '../../src/lib/wasm-constants.ts'
import { compileBytes, framesOf, instantiateSmall } from '../forms/wasm/support.ts'

const TEXT = `
export const strategy1: Strategy = { id: "s" };
function base(a: number): number { let sum = BASE; for (let i = 0; i < a; i++) sum = sum + BASE; return sum };
export function f(a: number): number { return told(a) === 0 ? 0 : base(a) + BASE }
`.replaceAll('\n', ' ')

test.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, -8192])(
  '%i in place of the import',
  (value) => {
    for (const inlineLimit of [0, 40]) {
      const bytes = compileBytes(TEXT, inlineLimit)
      const before = bytes.slice()
      const constant = withConstants(bytes, { BASE: value })
      expect(constant).toHaveLength(bytes.length)
      expect(instantiateSmall(constant).f(3)).toBe(5 * value)
      // the bytes that were given are as they were
      expect(bytes).toEqual(before)
      expect(instantiateSmall(bytes).f(3)).toBe(5000)
    }
  },
)

test('bytes of a file, a Buffer, stay as they are, too', () => {
  const bytes = Buffer.from(compileBytes(TEXT, 40))
  for (const value of [1, 2]) {
    expect(instantiateSmall(withConstants(bytes, { BASE: value })).f(3)).toBe(5 * value)
  }
})

test.each([8192, -8193, 2 ** 31 - 1, -(2 ** 31)])(
  '%i takes more than two bytes: it is imported',
  (value) => {
    const bytes = compileBytes(TEXT, 40)
    expect(withConstants(bytes, { BASE: value })).toEqual(bytes)
  },
)

test('a value that is never read changes nothing', () => {
  const bytes = compileBytes(TEXT, 40)
  expect(withConstants(bytes, { ANOTHER: 1 })).toEqual(bytes)
})

test('places in the text stay where they are', () => {
  const text = 'export function f(a: number): number { return load(BASE + a) }'
  const bytes = compileBytes(text, 40)
  const framesIn = (module: Uint8Array): string[] => {
    const small = instantiateSmall(module)
    try {
      small.f(2 ** 28)
    } catch (error) {
      return framesOf(small, error as Error)
    }
    return []
  }
  expect(framesIn(bytes)).toHaveLength(1)
  expect(framesIn(withConstants(bytes, { BASE: 8 }))).toEqual(framesIn(bytes))
})

test('bytes that do not tell where they read are refused', () => {
  const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])
  expect(() => withConstants(empty, { BASE: 1 })).toThrow('no section mmgather.reads')
  const bytes = compileBytes(TEXT, 40)
  expect(() => withConstants(withConstants(bytes, { BASE: 1 }), { BASE: 2 })).toThrow(
    'no read of BASE',
  )
})
