/**
 * The JSON Schema: what editors see, and that it agrees with parsing about every preset.
 */
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

import { scenarioJsonSchema } from '../../src/scenario/json-schema.ts'
import { presets } from '../../src/scenario/presets.ts'
import { scenarioOf } from './support.ts'

const text = JSON.stringify(scenarioJsonSchema())

/** The schema at a path of keys, following references. */
function at(...path: string[]): Record<string, unknown> {
  let here: Record<string, unknown> = scenarioJsonSchema()
  for (const key of path) here = here[key] as Record<string, unknown>
  return here
}

describe('spot checks', () => {
  test('head', () => {
    expect(at()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'mmgather scenario',
      type: 'object',
      required: ['schema', 'processes'],
      additionalProperties: false,
    })
  })

  test('bounds, defaults and texts', () => {
    expect(at('properties', 'machine', 'properties', 'cpus')).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      default: 1,
      description: 'CPUs that tear processes down.',
    })
    expect(at('properties', 'schema')).toMatchObject({ const: 'mmgather/scenario@1' })
    expect(at('$defs', 'FolioPattern', 'items', 'properties', 'order')).toMatchObject({
      minimum: 0,
      maximum: 10,
    })
  })

  test('the five kinds of VMA, and start as hex or bytes', () => {
    const kinds = at('properties', 'processes', 'items', 'properties', 'vmas', 'items')[
      'oneOf'
    ] as {
      properties: Record<string, Record<string, unknown>>
    }[]
    expect(
      kinds.map(({ properties }) => properties['kind']?.['const'] ?? properties['kind']?.['enum']),
    ).toEqual(['anon', 'file', 'device', ['zero', 'pfnmap']])
    expect(kinds[0]?.properties['start']?.['anyOf']).toEqual([
      { type: 'string', pattern: '^0x[0-9a-fA-F]{1,12}$' },
      { type: 'integer', minimum: 0, maximum: 2 ** 47 - 4096, multipleOf: 4096 },
    ])
  })

  test('no noise of the library', () => {
    expect(text).not.toContain('9007199254740991')
    expect(text).not.toContain('__schema')
  })

  test('every key has a text', () => {
    const bare: string[] = []
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      const { properties } = node as { properties?: Record<string, { description?: string }> }
      for (const [key, schema] of Object.entries(properties ?? {})) {
        if (schema.description === undefined && key !== 'munmap') bare.push(`${path}.${key}`)
      }
      for (const [key, child] of Object.entries(node)) visit(child, `${path}.${key}`)
    }
    visit(scenarioJsonSchema(), '')
    expect(bare).toEqual([])
  })

  test('a caller may change what it gets', () => {
    scenarioJsonSchema()['title'] = 'mine'
    expect(at()['title']).toBe('mmgather scenario')
  })
})

describe('as a validator', () => {
  const schema = z.fromJSONSchema(scenarioJsonSchema())

  test.each(presets.map(({ name, scenario }) => [name, scenario] as const))(
    '%s is valid',
    (_name, scenario) => {
      expect(schema.safeParse(scenario).error?.issues ?? []).toEqual([])
    },
  )

  test.each([
    [{ ...scenarioOf(), foo: 1 }],
    [{ ...scenarioOf(), seed: -1 }],
    [{ ...scenarioOf(), machine: { cpus: 0 } }],
    [
      {
        ...scenarioOf(),
        processes: [{ vmas: [{ kind: 'anon', pages: 1, folios: [{ order: 11 }] }] }],
      },
    ],
    [{ ...scenarioOf(), processes: [{ vmas: [{ kind: 'file', pages: 1 }] }] }],
    [{ ...scenarioOf(), processes: [{ vmas: [{ kind: 'zero', pages: 1, holes: 'some' }] }] }],
    [{ ...scenarioOf(), teardown: ['munmap'] }],
    [{ processes: scenarioOf().processes }],
  ])('%j is not', (input) => {
    expect(schema.safeParse(input).success).toBe(false)
  })
})
