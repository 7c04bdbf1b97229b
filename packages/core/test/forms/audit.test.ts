/**
 * In text derived for virtual time every call that can stop a CPU stands directly under its yield or guard; the audit that says so sees
 * the loss of each insertion. The round trip cannot: undoing nothing gives the source.
 */
import { describe, expect, test } from 'vitest'

import { FORMS } from '../../src/forms/emit.ts'
import { PRIMITIVES } from '../../src/forms/primitives.ts'
import * as check from '../../src/sync/check.ts'
import * as live from '../../src/sync/live.ts'
import * as virtual from '../../src/sync/virtual.ts'
import { audit, auditContext } from './audit.ts'
import { derivedTexts, type DerivedText } from './texts.ts'

const TEXTS = derivedTexts()
const functionsOf = (module: object): string[] =>
  Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))

/** The forms that can stop inside of a call. */
const STOPPING = FORMS.filter((form) => form !== 'raw')

/** What an insertion looks like. */
const INSERTION =
  /(?<=function)\*|\$slack < 0 && \$ahead\([^\n]*?\) && \(yield 0\), | && \(yield 1\)|, \$result\(\)|\byield\*? (?![01])/g

/** The text without one of its insertions, for each of them. */
function mutants(text: DerivedText): DerivedText[] {
  return [...text.code.matchAll(INSERTION)].map(({ 0: found, index }) => ({
    ...text,
    code: text.code.slice(0, index) + text.code.slice(index + found.length),
  }))
}

describe.each(STOPPING)('%s', (form) => {
  const texts = TEXTS.filter((each) => each.form === form)
  const context = auditContext(texts, functionsOf(live))

  test('every call that can stop stands under its yield or guard', () => {
    const found = texts.flatMap((text) => audit(text, context).map((at) => `${text.file}:${at}`))
    expect(found).toEqual([])
  })

  test('the loss of any one insertion is seen', { timeout: 120_000 }, () => {
    const all = texts.flatMap(mutants)
    expect(all.length).toBeGreaterThan(150)
    const unseen = all.filter((mutant) => !isSeen(mutant, context))
    expect(unseen.map(({ file, code }) => `${file}\n${code}`)).toEqual([])
  })
})

/** Reported by the audit, or no text at all any more. */
function isSeen(mutant: DerivedText, context: Parameters<typeof audit>[1]): boolean {
  try {
    return audit(mutant, context).length > 0
  } catch {
    return true
  }
}

test('a guard that asks about another word than the primitive works on is seen', () => {
  const texts = TEXTS.filter((each) => each.form === 'conditional')
  const context = auditContext(texts, functionsOf(live))
  const guards = texts.flatMap((text) =>
    [...text.code.matchAll(/(?<=\$ahead\()[^\n]*?(?=\) && \(yield 0\))/g)].map(
      ({ 0: address, index }) => ({
        ...text,
        code: `${text.code.slice(0, index)}other${text.code.slice(index + address.length)}`,
      }),
    ),
  )
  expect(guards.length).toBeGreaterThan(50)
  for (const mutant of guards) expect(audit(mutant, context)).toHaveLength(1)
})

describe('primitives', () => {
  test('are exactly the functions that sync/live.ts exports', () => {
    expect(Object.keys(PRIMITIVES).sort()).toEqual(functionsOf(live).sort())
  })

  test.each([
    ['sync/virtual.ts', virtual],
    ['sync/check.ts', check],
  ])('all have a namesake in %s', (_name, module) => {
    expect(functionsOf(module)).toEqual(expect.arrayContaining(Object.keys(PRIMITIVES)))
  })
})
