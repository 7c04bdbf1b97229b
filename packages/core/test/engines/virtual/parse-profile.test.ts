/**
 * What parsing says about a profile of the wrong form.
 */
import { describe, expect, test } from 'vitest'

import {
  parseProfile,
  parseProfileText,
  ProfileError,
} from '../../../src/engines/virtual/parse-profile.ts'
import { findProfile } from '../../../src/engines/virtual/profiles.ts'

type Plain = Record<string, unknown>

/** A valid profile as plain data, with one value replaced. */
function withValue(path: readonly string[], value: unknown): Plain {
  const profile = structuredClone(findProfile('altra-80')) as unknown as Plain
  let at = profile
  for (const key of path.slice(0, -1)) at = at[key] as Plain
  const last = path.at(-1) ?? ''
  if (value === undefined) delete at[last]
  else at[last] = value
  return profile
}

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error
    return error.message
  }
  throw new Error('nothing was thrown')
}

describe('data', () => {
  test.each([
    [
      ['cycles', 'atomics'],
      { value: 1, source: 'estimated: a guess' },
      /^cycles\.atomics: unknown key; allowed access, atomic, unlock, .*; did you mean atomic\?$/,
    ],
    [['cycles', 'atomic'], undefined, /^cycles\.atomic: is missing; allowed a map of keys$/],
    [
      ['cycles', 'atomic'],
      18,
      /^cycles\.atomic: must be a map of keys \(got 18\); allowed a map of keys$/,
    ],
    [
      ['cycles', 'atomic', 'value'],
      1.5,
      /^cycles\.atomic\.value: must be an integer \(got 1\.5\); allowed an integer from 0 to 100000000$/,
    ],
    [
      ['cycles', 'atomic', 'value'],
      -1,
      /^cycles\.atomic\.value: is too small \(got -1\); allowed an integer from 0 to /,
    ],
    [
      ['cycles', 'atomic', 'source'],
      '',
      /^cycles\.atomic\.source: is too short \(got ""\); allowed one line of text of 1 to 1000/,
    ],
    [
      ['topology', 'numbering'],
      'sibling-last',
      /^topology\.numbering: is not one of the values \(got "sibling-last"\); allowed one of siblings-last, siblings-adjacent; did you mean siblings-last\?$/,
    ],
    [['topology', 'sockets'], 0, /^topology\.sockets: is too small \(got 0\); allowed an integer/],
    [['mhz', 'value'], 0, /^mhz\.value: is too small \(got 0\)/],
    [['name'], 'My Machine', /^name: .* \(got "My Machine"\); allowed a name of lower-case/],
    [
      ['schema'],
      'mmgather/scenario@1',
      /^schema: is not one of the values \(got "mmgather\/scenario@1"\); allowed mmgather\/profile@1/,
    ],
  ])('%j: %j', (path, value, message) => {
    expect(messageOf(() => parseProfile(withValue(path, value)))).toMatch(message)
  })

  test('every mistake is told, a line each', () => {
    const profile = withValue(['mhz', 'value'], '3000')
    profile['nam'] = 'x'
    expect(messageOf(() => parseProfile(profile)).split('\n')).toHaveLength(2)
  })

  test('what is no map at all is pointed to the first line of a profile', () => {
    const hint = 'a profile is a map with "schema": "mmgather/profile@1"'
    expect(messageOf(() => parseProfile([]))).toBe(
      `must be a map of keys (got a list of 0); allowed a map of keys; ${hint}`,
    )
    expect(messageOf(() => parseProfileText(''))).toBe(`the text is empty; ${hint}`)
  })
})

describe('text', () => {
  test('of a profile is that profile', () => {
    const profile = findProfile('epyc-zen4')
    expect(parseProfileText(JSON.stringify(profile))).toEqual(profile)
  })

  test('has its mistakes at their places', () => {
    const text = JSON.stringify(withValue(['cycles', 'syscall', 'value'], 'many'), undefined, 2)
    const line = text.split('\n').findIndex((each) => each.includes('"many"')) + 1
    expect(messageOf(() => parseProfileText(text, { source: 'my.json' }))).toMatch(
      new RegExp(
        `^my\\.json:${line}:\\d+: cycles\\.syscall\\.value: must be an integer \\(got "many"\\)`,
      ),
    )
  })

  test('that is no JSON says where it ends to be', () => {
    expect(messageOf(() => parseProfileText('{ "schema": ', { source: 'x' }))).toMatch(
      /^x:1:\d+: not valid YAML: /,
    )
  })
})
