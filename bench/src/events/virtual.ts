/**
 * The hold model on the virtual engine: an entity is a virtual CPU, whose program is a generator of the conditional form.
 * It charges a delay and comes back to the event loop when another CPU is earlier, as derived kernel text does.
 */
import { parseScenario } from '@mmgather/core'

import { createMachine, populate } from '../../../packages/core/src/engines/boot.ts'
import { findProfile } from '../../../packages/core/src/engines/virtual/profiles.ts'
import { simulate } from '../../../packages/core/src/engines/virtual/simulation.ts'
import { charge, self, slack } from '../../../packages/core/src/sync/virtual-clock.ts'
import type { Steps } from '../../../packages/core/src/sync/virtual.ts'
import { type HoldModel, type HoldResult, holdStates, nanoseconds, nextHold } from './hold-model.ts'

export async function holdVirtual({ entities, holds }: HoldModel): Promise<HoldResult> {
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    machine: { cpus: entities },
    processes: [{ vmas: [{ kind: 'anon', pages: 1 }] }],
  })
  const profile = findProfile('skylake-104')
  if (profile === undefined) throw new Error('the profile is gone')
  const machine = createMachine(scenario)
  populate(machine, scenario)
  const states = holdStates(entities)
  let events = 0
  function* hold(): Steps<void> {
    for (let i = 0; i < holds; i++) {
      charge(nextHold(states, self))
      if (slack < 0) yield 0
      events++
    }
  }
  let start = 0
  const { clocks, end } = simulate(machine, {
    profile,
    program: hold,
    prepare: () => {
      start = nanoseconds()
    },
    startCycles: new Float64Array(entities),
    cyclesMax: Infinity,
    eventsMax: Infinity,
  })
  const ns = nanoseconds() - start
  if (end.kind !== 'completed') throw new Error(`the virtual engine: ${JSON.stringify(end)}`)
  return { events, clock: Math.max(...clocks), ns }
}
