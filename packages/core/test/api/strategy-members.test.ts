/** docs/custom-strategies.md says what every member of a strategy is. */
import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { STRATEGIES } from '../../src/index.ts'

const docs = readFileSync(new URL('../../../../docs/custom-strategies.md', import.meta.url), 'utf8')
/** The names of its tables. */
const documented = new Set([...docs.matchAll(/^\| `([\w.]+)` /gm)].map(([, name]) => name))

test('every member of the strategies that ship, and no other', () => {
  const members = STRATEGIES.flatMap(({ strategy }) => {
    const { id: _, plain, ...own } = strategy
    return [...Object.keys(own), ...Object.keys(plain).map((name) => `plain.${name}`)]
  })
  const outcomes = ['completed', 'violated', 'deadlock', 'bounds', 'failed']
  expect([...documented].toSorted()).toEqual([...new Set([...members, ...outcomes])].toSorted())
})

test('the strategies that ship, by the names to spread', () => {
  const names = [...docs.matchAll(/`((?:linux|range)\w+)`/g)].map(([, name]) => name)
  expect(new Set(names).size).toBeGreaterThanOrEqual(STRATEGIES.length)
})
