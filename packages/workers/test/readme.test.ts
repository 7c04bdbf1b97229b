import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { afterAll, expect, test } from 'vitest'

// inside the package, so that its names resolve as they do for a user
const folder = mkdtempSync(fileURLToPath(new URL('./readme-example-', import.meta.url)))
afterAll(() => rmSync(folder, { recursive: true }))

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

const [LIVE = '', VIRTUAL = '', CHECK = ''] = [...README.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
  ([, code = '']) => code,
)

/** What a program prints, by lines. */
function run(code: string): string[] {
  const file = `${folder}/example.ts`
  writeFileSync(file, code)
  return execFileSync(process.execPath, ['--conditions=@mmgather/source', file], {
    encoding: 'utf8',
    timeout: 100_000,
  }).split('\n')
}

/** A line that says what it prints prints just that. */
function promisedBy(code: string): (string | undefined)[] {
  return [...code.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => text)
}

test('the example in the README runs and prints what it says', () => {
  expect(LIVE).toContain('runLive')
  const printed = run(LIVE)
  const promised = promisedBy(LIVE)
  expect(promised.length).toBeGreaterThan(0)
  expect(printed.slice(0, promised.length)).toEqual(promised)
  expect(printed[promised.length]).toMatch(/^\d+\.\d ms$/)
  expect(printed[promised.length + 1]).toMatch(/^lruvec lock: \d+ of \d+ contended$/)
})

test('so does the one of the virtual engine, with the same scenario', () => {
  expect(VIRTUAL).toContain('runVirtualInThread')
  const printed = run(`${LIVE}${VIRTUAL}`)
  const promised = promisedBy(VIRTUAL)
  expect(promised.length).toBeGreaterThan(0)
  expect(printed.slice(-promised.length - 1, -1)).toEqual(promised)
})

test('the example of a check says what it says', () => {
  expect(CHECK).toContain('await check(')
  const promised = promisedBy(CHECK)
  expect(promised.length).toBeGreaterThan(0)
  expect(run(CHECK).slice(0, promised.length)).toEqual(promised)
})
