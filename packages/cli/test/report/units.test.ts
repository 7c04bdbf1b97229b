/**
 * Tests of numbers with units, and of text that has to fit.
 */
import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bytesText,
  changeText,
  countText,
  percentText,
  shortCountText,
  timeText,
} from '../../src/report/units.ts'
import { wrapCommand, wrapWords } from '../../src/report/wrap.ts'

describe('numbers', () => {
  test.for([
    [0, '0 ns'],
    [7, '7.00 ns'],
    [94.17, '94.2 ns'],
    [999.4, '999 ns'],
    [999.6, '1.00 µs'],
    [12_345, '12.3 µs'],
    [999_500, '1.00 ms'],
    [12_345_678, '12.3 ms'],
    [1.5e9, '1.50 s'],
    [1.2345e12, '1.23 ks'],
  ] as const)('%d ns is %s', ([ns, text]) => {
    expect(timeText(ns)).toBe(text)
  })

  test('a time has at most seven characters', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e20, noNaN: true }), (ns) => {
        expect(timeText(ns).length).toBeLessThanOrEqual(7)
      }),
    )
  })

  test.for([
    [-0.26, '-26 %'],
    [0.031, '+3.1 %'],
    [-0.0996, '-10 %'],
    [-0.004, '-0.4 %'],
    [0, '='],
    [null, 'from 0'],
    [-1, '-100 %'],
    [-0.9999, '-99.9 %'],
    [-0.994, '-99.4 %'],
    [3.43, '+343 %'],
    [9.99, '+999 %'],
    [9.996, '×11.0'],
    [11.5, '×12.5'],
    [1.2345e9, '×1.23G'],
  ] as const)('a change of %d is %s', ([change, text]) => {
    expect(changeText(change)).toBe(text)
    expect(text.length).toBeLessThanOrEqual(7)
  })

  test('shares', () => {
    expect([0, 0.0004, 0.123, 0.9994, 0.9996, 1].map(percentText)).toEqual([
      '0.0 %',
      '0.0 %',
      '12.3 %',
      '99.9 %',
      '100 %',
      '100 %',
    ])
  })

  test('counts and sizes', () => {
    expect(countText(1_234_567)).toBe('1,234,567')
    expect(shortCountText(9_999_999, 9)).toBe('9,999,999')
    expect(shortCountText(12_345_678, 9)).toBe('12.3 M')
    expect(shortCountText(999_999_999, 9)).toBe('1.00 G')
    expect(shortCountText(123_456, 6)).toBe('123 k')
    expect(bytesText(4_300_000)).toBe('4.10 MiB')
    expect(bytesText(2 ** 32)).toBe('4.00 GiB')
  })
})

describe('wrapping', () => {
  test('prose keeps its words and its width', () => {
    const anyWords = fc.array(fc.string({ minLength: 1, maxLength: 120 }), { minLength: 1 })
    fc.assert(
      fc.property(anyWords, (words) => {
        const text = words.join(' ')
        const lines = wrapWords(text, 'label: ', '   ')
        expect(lines.filter((line) => line.length > 80)).toEqual([])
        expect(withoutSpace(lines.join(''))).toBe(withoutSpace(`label:${text}`))
      }),
    )
  })

  test('a shell reads a wrapped command as the same words', () => {
    const unit = fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz\'/ $\\*"-.'))
    const anyWords = fc.array(fc.string({ unit, minLength: 1, maxLength: 300 }), { maxLength: 6 })
    fc.assert(
      fc.property(anyWords, (words) => {
        const lines = wrapCommand(['printf', '%s\\n', ...words])
        expect(lines.filter((line) => line.length > 80)).toEqual([])
        const { stdout } = spawnSync('/bin/sh', ['-c', lines.join('\n')], { encoding: 'utf8' })
        expect(stdout).toBe(words.length === 0 ? '\n' : words.map((word) => `${word}\n`).join(''))
      }),
      { numRuns: 40 },
    )
  })
})

function withoutSpace(text: string): string {
  return text.replaceAll(/\s/g, '')
}
