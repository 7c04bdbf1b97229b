/** The example in the README runs as it stands and prints what it says. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { afterAll, expect, test } from 'vitest'

// inside the package, so that its name resolves as it does for a user
const folder = mkdtempSync(fileURLToPath(new URL('./readme-example-', import.meta.url)))
afterAll(() => rmSync(folder, { recursive: true }))

test('the example in the README runs and prints what it says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const example = /^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? ''
  const file = `${folder}/example.ts`
  writeFileSync(file, example)
  const printed = execFileSync(process.execPath, ['--conditions=@mmgather/source', file], {
    encoding: 'utf8',
    timeout: 100_000,
  })
  const promised = [...example.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => text)
  expect(promised).toHaveLength(4)
  expect(printed.trimEnd().split('\n')).toEqual(promised)
})
