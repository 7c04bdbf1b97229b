/**
 * Errors in derived text are reported where the source stands.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

import { createMachine, populate } from '../../src/engines/boot.ts'
import { findProfile } from '../../src/engines/virtual/profiles.ts'
import { simulate } from '../../src/engines/virtual/simulation.ts'
import { cpuMain } from '../../src/generated/conditional/kernel/exit.ts'
import { findStrategy } from '../../src/generated/conditional/mm/strategies/index.ts'
import { PAGE_MAPCOUNT } from '../../src/machine/layout.ts'
import { mem } from '../../src/machine/memory.ts'
import { pfnToPage } from '../../src/machine/page.ts'
import { presetScenario } from '../../src/scenario/presets.ts'

/** The error that a run of a machine with wrong mapcounts ends with. */
function errorOfBrokenRun(): Error {
  const scenario = presetScenario('exit-order0')
  const machine = createMachine(scenario)
  populate(machine, scenario)
  for (let pfn = 0; pfn < machine.globals.NR_PFNS; pfn++) {
    const mapcount = pfnToPage(pfn) + PAGE_MAPCOUNT
    if (mem[mapcount] === 0) mem[mapcount] = -7
  }
  const profile = findProfile('skylake-104')
  const strategy = findStrategy(scenario.strategy)
  if (profile === undefined || strategy === undefined) throw new Error('the defaults do not ship')
  const { end } = simulate(machine, {
    profile,
    program: (cpu) => cpuMain(cpu, strategy),
    startCycles: new Float64Array(scenario.machine.cpus),
    cyclesMax: Infinity,
    eventsMax: Infinity,
  })
  if (end.kind !== 'bug') throw new Error(`the run ended as ${end.kind}`)
  return end.error
}

test('the stack of an error names the kernel text and its line', () => {
  // functions with a frame of their own are resumed by the engine, so their callers are not on the stack
  const frame = /at zapPtes \(.*\/src\/(mm\/memory\.ts):(\d+):\d+\)/.exec(
    errorOfBrokenRun().stack ?? '',
  )
  expect(frame?.[1]).toBe('mm/memory.ts')
  const source = readFileSync(new URL('../../src/mm/memory.ts', import.meta.url), 'utf8')
  expect(source.split('\n')[Number(frame?.[2]) - 1]).toContain('BUG_NEGATIVE_MAPCOUNT')
})
