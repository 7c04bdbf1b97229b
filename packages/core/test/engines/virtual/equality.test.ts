/**
 * One text, six forms: on CPUs that run one after the other the text as it stands and as WebAssembly, raw, conditional, that as
 * WebAssembly, and profiled leave the same memory, word for word, and the three forms of virtual time take the same time.
 */
import { describe, expect, test } from 'vitest'

import {
  cpuAddress,
  createMachine,
  populate,
  runOneCpu,
  strategyOf,
} from '../../../src/engines/boot.ts'
import {
  instantiateKernel,
  type KernelModule,
  kernelModule,
} from '../../../src/engines/compiled-kernel.ts'
import type { Simulation } from '../../../src/engines/virtual/simulation.ts'
import {
  CPU_DELAYS,
  CPU_FIXED_WORDS,
  CPU_HISTOGRAMS,
  CPU_LOCKSTAT,
  LOCKSTAT_WORDS,
  LS_ACQUISITIONS,
} from '../../../src/machine/layout.ts'
import { compileKernel } from '../../../src/forms/wasm/kernel.ts'
import { bindMachine, type Machine } from '../../../src/machine/machine.ts'
import { STRATEGIES } from '../../../src/mm/strategies/index.ts'
import { presets } from '../../../src/scenario/presets.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { bindLiveCpu } from '../../../src/sync/live-cpu.ts'
import { readSource } from '../../forms/wasm/support.ts'
import { randomScenario, randomWorkload } from '../../support/random-scenario.ts'
import { smaller } from '../../support/smaller.ts'
import {
  checkRandom,
  countersOf,
  oneAfterTheOther,
  runRaw,
  runTimed,
  type TimedForm,
  virtualKernel,
} from './support.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 20)

interface Left {
  words: Int32Array
  counters: Record<string, number>
  simulation?: Simulation
}

/** Populates anew, runs, and keeps what the run left. */
function leave(machine: Machine, scenario: Scenario, run: () => Simulation | void): Left {
  populate(machine, scenario)
  const simulation = run()
  if (simulation !== undefined) expect(simulation.end).toEqual({ kind: 'completed' })
  return {
    words: machine.words.slice(),
    counters: countersOf(machine),
    ...(simulation === undefined ? {} : { simulation }),
  }
}

/**
 * Words that say how long things took, which the forms measure differently or not at all: virtual time keeps waits and
 * holds beside the machine, and threads time some holds with a clock. Delays are looks of a thread at its clock.
 */
function isAboutTime({ globals }: Machine, address: number): boolean {
  const offset = address - globals.CPU_BASE
  if (offset < 0 || offset >= globals.NR_CPUS * globals.CPU_STRIDE) return false
  const at = offset % globals.CPU_STRIDE
  if (at === CPU_DELAYS) return true
  if (at >= CPU_HISTOGRAMS && at < CPU_FIXED_WORDS) return true
  const isStatistics = at >= CPU_LOCKSTAT && at < CPU_HISTOGRAMS
  return isStatistics && (at - CPU_LOCKSTAT) % LOCKSTAT_WORDS !== LS_ACQUISITIONS
}

/** The first words that differ, as `address: expected, found`. */
function differences(machine: Machine, expected: Int32Array, found: Int32Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < expected.length && lines.length < 8; at++) {
    if (expected[at] !== found[at] && !isAboutTime(machine, at))
      lines.push(`${at}: ${expected[at]}, ${found[at]}`)
  }
  return lines
}

const modules = new Map<string, KernelModule>()

/** All CPUs in WebAssembly, one after the other. */
function runCompiled(machine: Machine, strategy: string): void {
  const module =
    modules.get(strategy) ?? kernelModule(compileKernel({ strategy, read: readSource }))
  modules.set(strategy, module)
  bindMachine(machine)
  for (let i = 0; i < machine.globals.NR_CPUS; i++) {
    const cpu = cpuAddress(i)
    bindLiveCpu({ cpu })
    instantiateKernel(module, machine).cpuMain(cpu)
  }
}

/** CPU after CPU: six forms, one memory; and the timed forms take the same time. Returns the entries cleared. */
function oneMemory(scenario: Scenario): number {
  const machine = createMachine(scenario)
  const startCycles = oneAfterTheOther(scenario.machine.cpus)
  const timed = (form: TimedForm): Left =>
    leave(machine, scenario, () => runTimed(machine, scenario, { form, startCycles }))
  const live = leave(machine, scenario, () => runOneCpu(machine, strategyOf(scenario)))
  const { module } = virtualKernel(scenario.strategy)
  const others = {
    wasm: leave(machine, scenario, () => runCompiled(machine, scenario.strategy)),
    virtualWasm: leave(machine, scenario, () =>
      runTimed(machine, scenario, { form: 'conditional', startCycles, module }),
    ),
    raw: leave(machine, scenario, () => runRaw(machine, scenario)),
    conditional: timed('conditional'),
    profiled: timed('profiled'),
  }
  for (const [form, { words, counters }] of Object.entries(others)) {
    expect({ form, differences: differences(machine, live.words, words) }).toEqual({
      form,
      differences: [],
    })
    expect({ form, ...counters }).toEqual({ form, ...live.counters })
  }
  const { conditional, profiled, virtualWasm } = others
  expect(profiled.simulation?.clocks).toEqual(conditional.simulation?.clocks)
  expect(profiled.simulation?.accounts).toEqual(conditional.simulation?.accounts)
  expect(virtualWasm.simulation?.clocks).toEqual(conditional.simulation?.clocks)
  expect(virtualWasm.simulation?.accounts).toEqual(conditional.simulation?.accounts)
  const { ptesCleared = 0, pmdsCleared = 0 } = live.counters
  return ptesCleared + pmdsCleared
}

describe('CPUs one after the other: every form leaves the same memory, counters and clocks', () => {
  const each = presets.flatMap(({ name }) =>
    STRATEGIES.map(({ strategy }) => [name, strategy.id] as const),
  )
  test.for(each)('%s, %s', ([name, strategy]) => {
    const entries = oneMemory({ ...smaller(name), strategy })
    expect(entries).toBeGreaterThan(0)
  })

  test.for([
    ['scenarios', randomScenario],
    ['workloads', randomWorkload],
  ] as const)('random %s', { timeout: 3_600_000 }, ([, inputs]) => {
    checkRandom(inputs, RUNS, oneMemory)
  })
})
