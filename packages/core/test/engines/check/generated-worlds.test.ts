/**
 * The reduction against plain search, on generated worlds: source-DPOR, by observation and by plain values, leaves exactly the
 * states that every order of steps leaves.
 *
 * Plain search is of states (./stateful.ts): orders alone would be billions. A world takes part if plain search can take it and it
 * has more than one result. CHECK_SEED=1000 CHECK_WORLDS=50 looks at as many worlds from that seed on.
 */
import { expect, test } from 'vitest'

import { explore } from '../../../src/engines/check/explore.ts'
import { Dpor } from '../../../src/engines/check/schedulers/dpor.ts'
import { checkWorldScenario, generateCheckWorld, STRATEGIES } from '../../../src/index.ts'
import { type CheckOptions, resolveCheckOptions } from '../../../src/run/check-options.ts'
import { createWorld } from '../../../src/run/run-check.ts'
import { StatefulSearch } from './stateful.ts'

/** Seeds of worlds that take part, some with ten results, some with three. */
const SEEDS = [2, 15, 22, 23, 25, 29, 31, 34, 40, 44, 47, 59]
const FIRST = process.env['CHECK_SEED']
const WORLDS = Number(process.env['CHECK_WORLDS'] ?? SEEDS.length)
const STEPS_MAX = 60
const EXECUTIONS_MAX = 1000
const STATES_MAX = 6000

const ids = STRATEGIES.map(({ strategy }) => strategy.id)

interface Case {
  readonly seed: number
  readonly strategy: string
}

interface Reached {
  readonly isComplete: boolean
  /** Hashes of states, in order. */
  readonly outcomes: string
}

function reached(
  { seed, strategy }: Case,
  options: CheckOptions = {},
  search?: StatefulSearch,
): Reached {
  const resolved = resolveCheckOptions({ stepsMax: STEPS_MAX, ...options })
  const world = createWorld(checkWorldScenario(generateCheckWorld(seed), strategy), resolved)
  const scheduler = search ?? new Dpor(world.cpus)
  try {
    const { isComplete } = explore(world.execution, scheduler, {
      executionsMax: EXECUTIONS_MAX,
      isOver: () => search !== undefined && search.states > STATES_MAX,
      inspect: world.inspect,
    })
    return { isComplete, outcomes: [...world.outcomes].sort((a, b) => a - b).join() }
  } finally {
    world.dispose()
  }
}

/** What is wrong; undefined: the world is too large, breaks a rule (a finding), or has one result only. */
function compare(one: Case): string[] | undefined {
  const reduced = reached(one)
  if (!reduced.isComplete || !reduced.outcomes.includes(',')) return undefined
  const all = reached(one, {}, new StatefulSearch())
  if (!all.isComplete) return undefined
  const plain = reached(one, { values: 'plain' })
  const command = `mmgather check seed-${one.seed} --strategy ${one.strategy}`
  const told = ({ isComplete, outcomes }: Reached): string =>
    `${isComplete ? '' : 'not complete, '}${outcomes}; by plain search ${all.outcomes}`
  return [
    ...(reduced.outcomes === all.outcomes ? [] : [`${command}: ${told(reduced)}`]),
    ...(plain.isComplete && plain.outcomes === all.outcomes
      ? []
      : [`${command} --plain-values: ${told(plain)}`]),
  ]
}

function caseOf(seed: number): Case {
  return { seed, strategy: ids[seed % ids.length] ?? '' }
}

test.runIf(FIRST === undefined)(
  'the same results by DPOR, with plain values too',
  () => {
    for (const seed of SEEDS) {
      const wrong = compare(caseOf(seed))
      expect(wrong, `seed ${seed} does not take part any more: choose others`).toBeDefined()
      expect(wrong).toEqual([])
    }
  },
  120_000,
)

test.runIf(FIRST !== undefined)(
  'the same, in worlds from CHECK_SEED on',
  () => {
    for (let seed = Number(FIRST), compared = 0; compared < WORLDS; seed++) {
      const wrong = compare(caseOf(seed))
      if (wrong === undefined) continue
      compared++
      expect(wrong).toEqual([])
    }
  },
  3_600_000,
)
