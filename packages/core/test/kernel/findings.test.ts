/** docs/findings.md: what breaks in a strategy as it was published keeps breaking here, in the way that is written down. */
import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import {
  createMachine,
  parseScenarioText,
  populate,
  runOneCpu,
  strategyOf,
  verify,
} from '../../src/index.ts'

const file = new URL('../../../../scenarios/range-v1-pmd-then-pte.yaml', import.meta.url)

function rulesBroken(strategy: string): string[] {
  const scenario = { ...parseScenarioText(readFileSync(file, 'utf8')), strategy }
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  expect(verify(machine, census)).toEqual([])
  runOneCpu(machine, strategyOf(scenario))
  return [...new Set(verify(machine, census).map(({ rule }) => rule))].toSorted()
}

test.each(['range-v1', 'range-v2'])(
  '%s: a page mapped behind its folio PMD keeps its mapping',
  (strategy) => {
    expect(rulesBroken(strategy)).toEqual(['mapcount', 'nr-pages-mapped', 'vmstat'])
  },
)

test.each(['linux-6.5', 'linux-6.5-laf', 'linux-6.9', 'linux-6.18'])(
  '%s does not have it',
  (strategy) => {
    expect(rulesBroken(strategy)).toEqual([])
  },
)
