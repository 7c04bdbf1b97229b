/**
 * What PRIMITIVES says of a primitive is what its declaration says; each engine takes the same arguments.
 */
import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { PRIMITIVES } from '../../src/forms/primitives.ts'
import * as check from '../../src/sync/check.ts'
import * as live from '../../src/sync/live.ts'
import * as virtual from '../../src/sync/virtual.ts'
import { programOf } from './texts.ts'

const SYNC = new URL('../../src/sync/', import.meta.url)

interface Signature {
  readonly parameters: readonly string[]
  readonly result: string
}

/** The functions that a module of sync/ exports, those that it passes on included. */
function signaturesOf(file: string, found = new Map<string, Signature>()): Map<string, Signature> {
  const text = readFileSync(new URL(file, SYNC), 'utf8')
  for (const node of programOf(text).body) {
    if (node.type !== 'ExportNamedDeclaration') continue
    const passedOn = node.specifiers.map(({ local }) => text.slice(local.start, local.end))
    if (node.source !== null && node.exportKind !== 'type') {
      const there = signaturesOf(node.source.value)
      for (const name of passedOn) {
        const signature = there.get(name)
        if (signature !== undefined) found.set(name, signature)
      }
    }
    const { declaration } = node
    if (declaration?.type !== 'FunctionDeclaration' || !declaration.id) continue
    const result = declaration.returnType?.typeAnnotation
    found.set(declaration.id.name, {
      parameters: declaration.params.map(({ start, end }) => text.slice(start, end)),
      result: result === undefined ? '' : text.slice(result.start, result.end),
    })
  }
  return found
}

const LIVE = signaturesOf('live.ts')
const VIRTUAL = signaturesOf('virtual.ts')
const functionsOf = (module: object): string[] =>
  Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))

test('the declarations are those that the module exports', () => {
  expect([...LIVE.keys()].sort()).toEqual(functionsOf(live).sort())
})

describe.each(Object.entries(PRIMITIVES))('%s', (name, primitive) => {
  const { parameters, result } = LIVE.get(name) ?? { parameters: [], result: '' }

  test('has its address where the declaration names a word', () => {
    const word = parameters.findIndex((each) => /^(?:v|lock): number$/.test(each))
    expect(primitive.address).toBe(word === -1 ? undefined : word)
    // what waits for other CPUs without a word of its own: no address, and yet ordered
    expect(primitive.kind === 'ordered' || word === -1).toBe(true)
  })

  test('has the same parameters and result in virtual time', () => {
    const bare = ({ parameters: all, result: type }: Signature): string =>
      `(${all.map((each) => each.replace(/^_/, '').replace(/:.*| =.*/, '')).join(', ')}): ${type}`
    const there = VIRTUAL.get(name) ?? { parameters: [], result: 'not exported' }
    // one that may have to wait says there whether it must
    const expected = primitive.blocking === true ? 'boolean' : result
    expect(bare(there)).toBe(bare({ parameters, result: expected }))
  })
})

test('the names that virtual time adds are those that derived text and its engine use', () => {
  const added = functionsOf(virtual).filter((name) => !(name in PRIMITIVES))
  const own = ['ahead', 'chargeAccesses', 'enter', 'leave', 'result', 'setResult', 'turn']
  expect(added.sort()).toEqual(own)
})

test('the checker adds no names', () => {
  const added = functionsOf(check).filter((name) => !(name in PRIMITIVES))
  expect(added).toEqual([])
})
