/** Runs a scenario on this thread and reads what tests ask about: the vocabulary of the kernel tests. */
import {
  bindMachine,
  collectCounters,
  collectCpuCounters,
  collectEvents,
  createMachine,
  parseScenario,
  populate,
  runOneCpu,
  strategyOf,
  verify,
} from '../../src/index.ts'
import type {
  Census,
  CounterKey,
  EventKey,
  Machine,
  Scenario,
  ScenarioInput,
} from '../../src/index.ts'

/** The standard conditions of the worked examples: no bulk free, the gather's pages from a reserve, one memcg. */
const STANDARD = { pcp: { count: 0, high: 65536, batch: 16384 }, gatherPages: 'reserve' } as const

export function scenarioOf(input: Omit<ScenarioInput, 'schema'>): Scenario {
  return parseScenario({
    ...input,
    schema: 'mmgather/scenario@1',
    machine: { ...STANDARD, ...input.machine },
  })
}

export interface Ran {
  scenario: Scenario
  machine: Machine
  census: Census
  counters: Record<CounterKey, number>
  /** Counters of each CPU: with as many CPUs as processes, of each process, one after the other. */
  perCpu: Record<CounterKey, number>[]
  events: Record<EventKey, number>
}

/** Populates, runs and verifies; throws if an invariant does not hold before or after. */
export function runScenario(scenario: Scenario): Ran {
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  assertSound(machine, census, 'before the run')
  runOneCpu(machine, strategyOf(scenario))
  assertSound(machine, census, 'after the run')
  bindMachine(machine)
  const cpus = Array.from({ length: scenario.machine.cpus }, (_, i) => i)
  return {
    scenario,
    machine,
    census,
    counters: collectCounters(machine),
    perCpu: cpus.map((cpu) => collectCpuCounters(machine, cpu)),
    events: collectEvents(machine),
  }
}

function assertSound(machine: Machine, census: Census, when: string): void {
  const violations = verify(machine, census)
  if (violations.length === 0) return
  throw new Error(`${when}: ${violations.map((v) => `${v.rule}: ${v.message}`).join('; ')}`)
}
