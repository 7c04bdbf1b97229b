/**
 * Tests of JSON in parts: whatever the data, the text says the same as JSON.stringify.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonParts } from '../../src/io/json-text.ts'

const text = (value: unknown): string => [...jsonParts(value)].join('')

test('parses back as the same data', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(JSON.parse(text(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('leaves out what is undefined, and keeps plain values on one line', () => {
  const value = { a: undefined, b: { c: 1, d: 'x' }, e: [], f: [{ g: [1, 2, { h: undefined }] }] }
  expect(text(value)).toBe(`{
  "b": { "c": 1, "d": "x" },
  "e": [],
  "f": [
    {
      "g": [
        1,
        2,
        {}
      ]
    }
  ]
}
`)
})
