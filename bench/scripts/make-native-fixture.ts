/**
 * Writes packages/core/test/native-ref/fixtures/native-counts.json anew: random configurations and the
 * native reference's counts for them. Needs a C compiler; the tests that read the file need none.
 *
 *   node bench/scripts/make-native-fixture.ts
 *
 * The same seed gives the same bytes: the counts with one CPU depend on nothing but the configuration.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { buildNative } from '../src/native.ts'
import { makeNativeFixture, printNativeFixture } from '../src/native-fixture.ts'

const FILE = fileURLToPath(
  new URL('../../packages/core/test/native-ref/fixtures/native-counts.json', import.meta.url),
)

const build = buildNative()
if (build.state === 'unavailable') {
  console.error(`make-native-fixture: ${build.reason}`)
  process.exitCode = 1
} else {
  const fixture = await makeNativeFixture()
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, printNativeFixture(fixture))
  console.log(`${fixture.cases.length} cases in ${FILE}`)
}
