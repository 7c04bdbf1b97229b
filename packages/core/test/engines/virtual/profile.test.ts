/**
 * Machine profiles: distances between CPUs, and that what ships is valid, sourced and of a sane order.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { parseProfile } from '../../../src/engines/virtual/parse-profile.ts'
import {
  cpusOf,
  distance,
  type MachineProfile,
  type ProfileTopology,
} from '../../../src/engines/virtual/profile.ts'
import { CYCLE_TEXTS } from '../../../src/engines/virtual/profile-schema.ts'
import { findProfile, profiles } from '../../../src/engines/virtual/profiles.ts'

function machine(topology: Partial<ProfileTopology>): MachineProfile {
  const base = profiles[0]
  if (base === undefined) throw new Error('no profile ships')
  return {
    ...base,
    topology: {
      threadsPerCore: 2,
      coresPerCluster: 4,
      clustersPerSocket: 2,
      sockets: 2,
      numbering: 'siblings-last',
      source: 'made up',
      ...topology,
    },
  }
}

describe('distance', () => {
  test('siblings last: cores of all sockets first, then their siblings in the same order', () => {
    const profile = machine({})
    expect(cpusOf(profile)).toBe(32)
    const from0 = (cpu: number) => distance(profile, 0, cpu)
    expect([0, 16].map(from0)).toEqual([0, 1])
    expect([1, 2, 3, 17, 19].map(from0)).toEqual([2, 2, 2, 2, 2])
    expect([4, 7, 20, 23].map(from0)).toEqual([3, 3, 3, 3])
    expect([8, 15, 24, 31].map(from0)).toEqual([4, 4, 4, 4])
  })

  test('siblings adjacent', () => {
    const profile = machine({ numbering: 'siblings-adjacent' })
    const from2 = (cpu: number) => distance(profile, 2, cpu)
    expect([2, 3].map(from2)).toEqual([0, 1])
    expect([0, 1, 4, 7].map(from2)).toEqual([2, 2, 2, 2])
    expect([8, 15].map(from2)).toEqual([3, 3])
    expect([16, 31].map(from2)).toEqual([4, 4])
  })

  test('without SMT the numberings are the same, and no CPU has a sibling', () => {
    const last = machine({ threadsPerCore: 1 })
    const adjacent = machine({ threadsPerCore: 1, numbering: 'siblings-adjacent' })
    expect(cpusOf(last)).toBe(16)
    for (let a = 0; a < 40; a++) {
      for (let b = 0; b < 40; b++) {
        expect(distance(last, a, b)).toBe(distance(adjacent, a, b))
        expect(distance(last, a, b)).not.toBe(1)
      }
    }
  })

  test('CPUs beyond the machine are further sockets, each numbered in one piece', () => {
    const profile = machine({})
    const from32 = (cpu: number) => distance(profile, 32, cpu)
    expect([32, 40, 33, 41, 36, 44].map(from32)).toEqual([0, 1, 2, 2, 3, 3])
    expect([0, 16, 31, 48, 1023].map(from32)).toEqual([4, 4, 4, 4, 4])
    expect(distance(profile, 48, 56)).toBe(1)
  })

  test.each(['siblings-last', 'siblings-adjacent'] as const)(
    'is symmetric, and each CPU has as many neighbours as the topology says: %s',
    (numbering) => {
      const profile = machine({ numbering, threadsPerCore: 4, coresPerCluster: 3 })
      const all = Array.from({ length: cpusOf(profile) + 48 }, (_, cpu) => cpu)
      for (const a of all) {
        const counts = [0, 0, 0, 0, 0]
        for (const b of all) {
          const d = distance(profile, a, b)
          expect(distance(profile, b, a)).toBe(d)
          counts[d] = (counts[d] ?? 0) + 1
        }
        expect(counts).toEqual([1, 3, 8, 12, all.length - 24])
      }
    },
  )
})

describe.each(profiles.map((profile) => [profile.name, profile] as const))(
  '%s',
  (name, profile) => {
    test('is valid and found by its name', () => {
      expect(parseProfile(structuredClone(profile))).toEqual(profile)
      expect(findProfile(name)).toBe(profile)
    })

    test('says where every figure comes from', () => {
      const figures = [profile.mhz, ...CYCLE_TEXTS.map(([key]) => profile.cycles[key])]
      for (const { source } of [...figures, profile.topology]) {
        expect(source).toMatch(/^estimated: \w|^(?!estimated).{10}/)
      }
    })

    test('has costs that grow with the distance', () => {
      const { access, atomic, memory, ...rest } = profile.cycles
      const { threadsPerCore, sockets } = profile.topology
      const near = [access, atomic, ...(threadsPerCore > 1 ? [rest.transferSmt] : [])]
      const far = [rest.transferCluster, rest.transferSocket, rest.transferRemote]
      const costs = [...near, ...far].map(({ value }) => value)
      expect(costs).toEqual(costs.toSorted((a, b) => a - b))
      expect(access.value).toBeLessThan(atomic.value)
      expect(atomic.value).toBeLessThan(rest.transferCluster.value)
      expect(access.value).toBeLessThan(memory.value)
      expect(sockets).toBeGreaterThan(0)
    })
  },
)

test('no profile has a name that is not its own', () => {
  expect(new Set(profiles.map(({ name }) => name)).size).toBe(profiles.length)
  expect(findProfile('pdp-11')).toBeUndefined()
})

test('the table of docs/profiles.md has the figures of the profiles', () => {
  const text = readFileSync(new URL('../../../../../docs/profiles.md', import.meta.url), 'utf8')
  const cells = (line: string): string[] => line.split('|').map((cell) => cell.trim())
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cells)
  const row = (head: string, i: number): string[] | undefined =>
    rows.find((each) => each[1] === head && (each[i + 2] ?? '') !== '' && each.length > 4)
  for (const [i, profile] of profiles.entries()) {
    expect(row('MHz', i)?.[i + 2]).toBe(String(profile.mhz.value))
    for (const [key] of CYCLE_TEXTS) {
      expect(row(`\`${key}\``, i)?.[i + 2]).toBe(String(profile.cycles[key].value))
    }
  }
})
