/**
 * Worlds made from seeds: the same for everyone, different from each other, and no strategy breaks a rule in them but those
 * of docs/findings.md.
 */
import { expect, test } from 'vitest'

import {
  checkWorldScenario,
  findCheckWorld,
  findingOf,
  generateCheckWorld,
  runCheck,
  STRATEGIES,
  verdictLine,
} from '../../src/index.ts'

const FIRST = Number(process.env['CHECK_SEED'] ?? 1)
const WORLDS = Number(process.env['CHECK_WORLDS'] ?? 8)
const seeds = Array.from({ length: WORLDS }, (_, i) => FIRST + i)

test('a world follows from its name', () => {
  for (const seed of seeds) {
    const { name, input } = generateCheckWorld(seed)
    expect(findCheckWorld(name)?.input('linux-6.9')).toEqual(input('linux-6.9'))
  }
  for (const name of ['seed-', 'seed--1', 'seed-01', 'seed-2147483648', 'seed-1.5'])
    expect(findCheckWorld(name)).toBeUndefined()
})

test('seeds make different worlds', () => {
  const texts = seeds.map((seed) => JSON.stringify(generateCheckWorld(seed).input('linux-6.9')))
  expect(new Set(texts).size).toBe(WORLDS)
})

test('no strategy breaks a rule but those of the findings', { timeout: 600_000 }, () => {
  const wrong: string[] = []
  for (const seed of seeds) {
    const world = generateCheckWorld(seed)
    for (const { strategy } of STRATEGIES) {
      const { verdict } = runCheck(checkWorldScenario(world, strategy.id), {
        world: world.name,
        executionsMax: 400,
        minimiseMax: 0,
      })
      if (verdict.kind === 'broken' && verdict.rule !== findingOf(world, strategy.id))
        wrong.push(
          `mmgather check ${world.name} --strategy ${strategy.id}: ${verdictLine(verdict)}`,
        )
    }
  }
  expect(wrong).toEqual([])
})
