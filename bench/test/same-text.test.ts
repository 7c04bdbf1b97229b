/**
 * C of the kernel text against its WebAssembly: on one CPU, every word of the machine is the same afterwards. So what the
 * benchmark compares is two compilers, and nothing else.
 */
import {
  bindLiveCpu,
  bindMachine,
  configurationOf,
  configureKernel,
  cpuAddress,
  createMachine,
  instantiateKernel,
  kernelModule,
  parseScenario,
  populate,
  presetScenario,
  type Scenario,
} from '@mmgather/core'
import { compileKernel } from '@mmgather/core/forms'
import { describe, expect, test } from 'vitest'

import { PARTS, without } from '../src/same-text/parts.ts'
import {
  buildText,
  emitKernel,
  hasCompiler,
  readText,
  TextProgram,
} from '../src/same-text/program.ts'

function populated(scenario: Scenario) {
  const machine = createMachine(scenario)
  populate(machine, scenario)
  return machine
}

function runWasm(scenario: Scenario): Int32Array {
  const machine = populated(scenario)
  bindMachine(machine)
  const bytes = compileKernel({ strategy: scenario.strategy, read: readText })
  const module = kernelModule(configureKernel(bytes, configurationOf(machine.globals)))
  for (let i = 0; i < machine.globals.NR_CPUS; i++) {
    bindLiveCpu({ cpu: cpuAddress(i) })
    instantiateKernel(module, machine).cpuMain(cpuAddress(i))
  }
  return machine.words
}

async function runC(scenario: Scenario, read = readText): Promise<Int32Array> {
  const { words, globals } = populated(scenario)
  const built = buildText(scenario.strategy, { read, configuration: configurationOf(globals) })
  if (built.state !== 'built') throw new Error(built.reason)
  const program = new TextProgram(built, words, globals.NR_CPUS, true)
  try {
    await program.run()
    // the image is restored before each run
    await program.run()
    return await program.words()
  } finally {
    await program.close()
  }
}

/** Small and large folios, shared ones, a file, swapped pages, and lists that fill. */
function mixed(strategy: string): Scenario {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'mixed',
    strategy,
    machine: { cpus: 2, lock: 'qspinlock', pcp: { count: 0, high: 64, batch: 16 } },
    files: [{ name: 'data', pages: 256, folios: [{ order: 4, count: 16 }] }],
    processes: [
      {
        name: 'worker',
        count: 4,
        share: 2,
        vmas: [
          {
            kind: 'anon',
            pages: 1500,
            folios: [
              { order: 3, count: 2 },
              { order: 0, count: 16 },
            ],
          },
          { kind: 'file', file: 'data', pages: 100 },
        ],
      },
    ],
  })
}

describe.skipIf(!hasCompiler())(
  'C of the text leaves the words that its WebAssembly leaves',
  () => {
    test.each(['linux-6.5-laf', 'range-v1', 'linux-6.18'])('%s', async (strategy) => {
      for (const scenario of [mixed(strategy), { ...presetScenario('exit-order3'), strategy }]) {
        const wasm = runWasm(scenario)
        const c = await runC(scenario)
        expect(c.length).toBe(wasm.length)
        expect(c.findIndex((word, i) => word !== wasm[i])).toBe(-1)
      }
    })

    test('other text leaves other words', async () => {
      const file = 'packages/core/src/mm/vmstat.ts'
      const text = readText(file) ?? ''
      const other = text.replace('+ n)', '+ n + 1)')
      expect(other).not.toBe(text)
      const scenario = mixed('range-v1')
      const c = await runC(scenario, (each) => (each === file ? other : readText(each)))
      expect(c).not.toEqual(runWasm(scenario))
    })
  },
)

test.each(['linux-6.5-laf', 'range-v1'])('%s: every part can be left out', (strategy) => {
  const texts = [...PARTS, undefined].map((_, parts) =>
    emitKernel(strategy, without(parts, readText)),
  )
  expect(new Set(texts).size).toBe(PARTS.length + 1)
})

test('a compiler that is not there is said to be missing, by name', () => {
  expect(buildText('range-v1', { compiler: 'no-such-compiler' })).toMatchObject({
    state: 'unavailable',
    reason: expect.stringContaining('no-such-compiler'),
  })
})
