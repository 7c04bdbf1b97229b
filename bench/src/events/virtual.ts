/**
 * The hold model on the virtual engine: an entity is a virtual CPU. Its program is compiled with the loop of events, as
 * kernel text is.
 */
import { kernelModule, parseScenario } from '@mmgather/core'
import { compileVirtualKernel } from '@mmgather/core/forms'

import { createMachine, populate } from '../../../packages/core/src/engines/boot.ts'
import { findProfile } from '../../../packages/core/src/engines/virtual/profiles.ts'
import { simulate } from '../../../packages/core/src/engines/virtual/simulation.ts'
import { bindMachine } from '../../../packages/core/src/machine/machine.ts'
import { readSource } from '../../../scripts/kernel-files.ts'
import { type HoldModel, type HoldResult, holdStates, nanoseconds } from './hold-model.ts'
import { hold, HOLD_ENDED, HOLD_LEFT, HOLD_STATE, HOLD_WORDS } from './hold-text.ts'

const module = kernelModule(
  compileVirtualKernel({
    strategy: 'linux-6.5',
    read: readSource,
    program: { file: 'bench/src/events/hold-text.ts', name: hold.name },
  }),
)

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
  bindMachine(machine)
  const wordsOf = (entity: number): number => machine.globals.CPU_BASE + entity * HOLD_WORDS
  holdStates(entities).forEach((state, entity) => {
    machine.words[wordsOf(entity) + HOLD_STATE] = state
    machine.words[wordsOf(entity) + HOLD_LEFT] = holds
    machine.words[wordsOf(entity) + HOLD_ENDED] = 0
  })
  let start = 0
  const { clocks, end } = simulate(machine, {
    profile,
    program: hold,
    module,
    prepare: () => {
      start = nanoseconds()
    },
    startCycles: new Float64Array(entities),
    cyclesMax: Infinity,
    eventsMax: Infinity,
  })
  const ns = nanoseconds() - start
  if (end.kind !== 'completed') throw new Error(`the virtual engine: ${JSON.stringify(end)}`)
  const ended = Array.from(clocks, (_, i) => machine.words[wordsOf(i) + HOLD_ENDED] ?? 0)
  return { events: ended.reduce((a, b) => a + b), clock: Math.max(...clocks), ns }
}
