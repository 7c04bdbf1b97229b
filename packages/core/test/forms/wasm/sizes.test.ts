/**
 * Sizes of functions: with what is inlined into them, the same whoever asks first.
 */
import { expect, test } from 'vitest'

import { Modules, parseModule } from '../../../src/forms/modules.ts'
import { Sizes } from '../../../src/forms/wasm/sizes.ts'

const TEXT = `
export function leaf(a: number): number { return a + 1 }
export function twice(a: number): number { return leaf(a) + leaf(a) }
export function long(a: number): number { return ((((a + 1) ^ 2) + 3) ^ 4) + twice(a) }
export function member(a: number): number { return strategy.f(a) + long(a) }
export function ping(a: number): number { return a > 0 ? pong(a - 1) : 0 }
export function pong(a: number): number { return ping(a) + round(a) }
export function round(a: number): number { return -pong(a) }
`
const NAMES = ['leaf', 'twice', 'long', 'member', 'ping', 'pong', 'round']

function sizesInOrder(names: readonly string[]): Record<string, number> {
  const modules = new Modules([parseModule('x/a.ts', TEXT)])
  const sizes = new Sizes({
    modules,
    limitOf: () => 7,
    member: () => ({ kind: 'function', place: { file: 'x/a.ts', name: 'leaf' } }),
    isHost: () => false,
    isInstruction: () => false,
  })
  sizes.measure(['x/a.ts#member', 'x/a.ts#ping'])
  return Object.fromEntries(names.map((name) => [name, sizes.of(`x/a.ts#${name}`)]))
}

test('what is above the limit counts as a call, and so does what is called again from itself', () => {
  expect(sizesInOrder(NAMES)).toEqual({
    leaf: 1,
    twice: 3,
    long: 8,
    // strategy.f is leaf
    member: 5,
    ping: 6,
    pong: 8,
    round: 4,
  })
})

test('the order of questions changes nothing', () => {
  const sizes = sizesInOrder(NAMES)
  for (let i = 0; i < NAMES.length; i++) {
    const names = [...NAMES.slice(i), ...NAMES.slice(0, i)]
    expect(sizesInOrder(names)).toEqual(sizes)
    expect(sizesInOrder(names.toReversed())).toEqual(sizes)
  }
})
