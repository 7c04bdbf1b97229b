/**
 * Scenario files that people meet: those in `scenarios/` and those in the documentation of the format all parse.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { parseScenarioText } from '../../src/scenario/parse-scenario.ts'
import { scenarioJsonSchema } from '../../src/scenario/json-schema.ts'

const root = new URL('../../../../', import.meta.url)

describe('scenarios/', () => {
  const files = readdirSync(new URL('scenarios/', root)).filter((file) => file.endsWith('.yaml'))

  test('holds the worked examples', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'dirty-file-table.yaml',
        'exit-1024-order0.yaml',
        'exit-128-order3.yaml',
        'exit-64-order4.yaml',
        'exit-pmd-thp.yaml',
        'fork-128-order3.yaml',
        'munmap-half-thp.yaml',
        'two-vmas.yaml',
      ]),
    )
  })

  test.each(files)('%s parses and is named as its file', (file) => {
    const text = readFileSync(new URL(`scenarios/${file}`, root), 'utf8')
    expect(`${parseScenarioText(text, { source: file }).name}.yaml`).toBe(file)
  })
})

describe('docs/scenario-format.md', () => {
  const text = readFileSync(new URL('docs/scenario-format.md', root), 'utf8')
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1] ?? '')

  test('has examples', () => {
    expect(blocks.length).toBeGreaterThan(5)
  })

  test.each(blocks.map((block, i) => [i, block] as const))('example %i parses', (_i, block) => {
    expect(parseScenarioText(block, { source: 'docs/scenario-format.md' }).name).toBe('unnamed')
  })

  test('names every key of the format', () => {
    const keys = new Set<string>()
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return
      if ('properties' in node) for (const key of Object.keys(node.properties ?? {})) keys.add(key)
      for (const child of Object.values(node)) visit(child)
    }
    visit(scenarioJsonSchema())
    expect([...keys].filter((key) => !text.includes(`\`${key}\``))).toEqual([])
  })
})
