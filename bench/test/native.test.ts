/**
 * The counts that the core's tests rely on: a second model of the same rules gives them too, and where
 * there is a C compiler, the C program gives them again, byte for byte.
 */
import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import type { NativeFixture } from '../../packages/core/test/native-ref/native-config.ts'
import { countEvents } from '../native/counting-model.ts'
import { makeNativeFixture, printNativeFixture } from '../src/native-fixture.ts'
import { buildNative, compileNative } from '../src/native.ts'

const FIXTURE = new URL(
  '../../packages/core/test/native-ref/fixtures/native-counts.json',
  import.meta.url,
)
const text = readFileSync(FIXTURE, 'utf8')
const { cases } = JSON.parse(text) as NativeFixture

describe('fixture of the native reference', () => {
  // The model works on objects; the few large configurations would take most of the time.
  const some = cases.filter(({ events }) => events.ptes_cleared <= 20_000)

  test('the counting model agrees with the C program', () => {
    expect(some.length).toBeGreaterThan(100)
    for (const { config, events } of some) expect(countEvents(config)).toEqual(events)
  })

  const { state } = buildNative()
  test.skipIf(state === 'unavailable')('the C program gives it again', async () => {
    expect(printNativeFixture(await makeNativeFixture())).toBe(text)
  })

  test('a compiler that is not there is said to be missing, by name', () => {
    const build = compileNative('no-such-compiler')
    expect(build).toMatchObject({
      state: 'unavailable',
      reason: expect.stringContaining('no-such-compiler'),
    })
  })
})
