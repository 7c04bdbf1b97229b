/**
 * Moved addresses: tables shared before are shared after, on every level, for any address space.
 */
import { array, assert, boolean, integer, nat, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { compactAddresses, REGIONS_MAX, regionsOf } from '../../src/capture/address-space.ts'

const PTE_TABLE = 2 ** 9
const PMD_TABLE = 2 ** 18
const PUD_TABLE = 2 ** 27

interface Extent {
  first: number
  pages: number
}

/** VMAs in ascending order, with gaps and sizes of every magnitude, none included. */
const spaces = array(
  tuple(integer({ min: 0, max: 27 }), nat(), integer({ min: 0, max: 24 }), nat(), boolean()),
  {
    minLength: 1,
    maxLength: 60,
  },
).map((parts) => {
  let next = 16
  return parts.map(([gapBits, gap, pageBits, pages, touching]): Extent => {
    const first = next + (touching ? 0 : gap % 2 ** gapBits)
    next = first + 1 + (pages % 2 ** pageBits)
    return { first, pages: next - first }
  })
})

function sharing(vmas: Extent[], tablePages: number): boolean[] {
  return vmas.slice(1).map((vma, i) => {
    const before = vmas[i] ?? vma
    const end = before.first + before.pages - 1
    return Math.floor(end / tablePages) === Math.floor(vma.first / tablePages)
  })
}

const tables = (vmas: Extent[], tablePages: number): number[] =>
  vmas.map(
    ({ first, pages }) =>
      Math.floor((first + pages - 1) / tablePages) - Math.floor(first / tablePages),
  )

function moved(vmas: Extent[]): Extent[] {
  const firsts = compactAddresses(vmas)
  return vmas.map(({ pages }, i) => ({ first: firsts[i] ?? -1, pages }))
}

test('tables, order and gaps of any address space are kept', () => {
  assert(
    property(spaces, (vmas) => {
      const merged = regionsOf(vmas) > REGIONS_MAX
      const after = moved(vmas)
      for (const level of merged ? [PTE_TABLE, PMD_TABLE] : [PTE_TABLE, PMD_TABLE, PUD_TABLE]) {
        expect(sharing(after, level)).toEqual(sharing(vmas, level))
        expect(tables(after, level)).toEqual(tables(vmas, level))
      }
      expect(regionsOf(after)).toBeLessThanOrEqual(REGIONS_MAX)
      for (const [i, vma] of after.entries()) {
        const old = vmas[i] ?? vma
        expect(vma.first % PTE_TABLE).toBe(old.first % PTE_TABLE)
        const gap = (list: Extent[]): number => {
          const before = list[i - 1]
          return before === undefined ? 1 : (list[i]?.first ?? 0) - before.first - before.pages
        }
        expect(Math.sign(gap(after))).toBe(Math.sign(gap(vmas)))
      }
    }),
    { numRuns: 2000 },
  )
})

test('randomisation is gone', () => {
  const at = (slide: number): Extent[] => [
    { first: slide + 3, pages: 4 },
    { first: slide + 7, pages: 600 },
    { first: slide + 2 ** 20, pages: 1 },
  ]
  const base = 85 * PUD_TABLE + 17 * PMD_TABLE
  expect(compactAddresses(at(base + 5 * PTE_TABLE))).toEqual(
    compactAddresses(at(base + 9 * PMD_TABLE + 4 * PTE_TABLE)),
  )
})
