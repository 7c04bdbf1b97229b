/**
 * Breaks one thing at a time: exactly the rule that forbids it is reported, and every rule is tried.
 */
import { describe, expect, test } from 'vitest'

import { bindLiveCpu, bindMachine, cpuAddress, runOneCpu, strategyOf } from '../../../src/index.ts'
import { VERIFY_RULES } from '../../../src/machine/verify/verify.ts'
import { doMunmap } from '../../../src/mm/mmap.ts'
import { FIRST_START } from '../../../src/scenario/limits.ts'
import type { Stage } from './mutation.ts'
import { MEMORY_MUTATIONS } from './mutations-memory.ts'
import { FORKER, PROGRAM_MUTATIONS } from './mutations-programs.ts'
import { SPACE_MUTATIONS } from './mutations-spaces.ts'
import { SUM_MUTATIONS } from './mutations-sums.ts'
import { brokenRules, everything, mmAt, type Populated, populated } from './support.ts'

const MUTATIONS = [...MEMORY_MUTATIONS, ...SPACE_MUTATIONS, ...SUM_MUTATIONS, ...PROGRAM_MUTATIONS]

/** A machine of the stage, and its words to go back to. */
interface Prepared extends Populated {
  pristine: Int32Array
}

const prepared = new Map<Stage, Prepared>()

function prepare(stage: Stage): Prepared {
  const known = prepared.get(stage)
  if (known !== undefined) return known
  const sparse = { memmap: 'sparsemem' as const, sectionSizeBits: 22 }
  const input = stage === 'forked' ? FORKER : everything(stage === 'sparse' ? sparse : {})
  const made = populated({
    ...input,
    strategy: stage === 'mmSlots' ? 'linux-6.18' : 'linux-6.5-laf',
  })
  const strategy = strategyOf(made.scenario)
  if (stage === 'tornDown' || stage === 'forked') runOneCpu(made.machine, strategy)
  if (stage === 'halfway') {
    const cpu = cpuAddress(0)
    bindLiveCpu({ cpu })
    for (const process of [0, 1])
      doMunmap(cpu, mmAt(process), FIRST_START + 38, FIRST_START + 60, strategy)
  }
  const whole = { ...made, pristine: made.machine.words.slice() }
  prepared.set(stage, whole)
  return whole
}

describe.each(VERIFY_RULES.filter(({ rule }) => rule !== 'more'))('$rule', ({ rule }) => {
  const tried = MUTATIONS.filter((one) => one.rule === rule)

  test('is tried', () => expect(tried).not.toEqual([]))

  test.for(tried)('$what ($stage)', ({ stage, breakIt }) => {
    const made = prepare(stage)
    made.machine.words.set(made.pristine)
    bindMachine(made.machine)
    const census = breakIt(made.census) ?? made.census
    expect(brokenRules({ ...made, census })).toEqual([rule])
  })
})

test('every mutation is of a rule that there is', () => {
  const rules = new Set(VERIFY_RULES.map(({ rule }) => rule))
  expect(rules.size).toBe(VERIFY_RULES.length)
  expect(MUTATIONS.filter(({ rule }) => !rules.has(rule))).toEqual([])
})
