/**
 * Kernel text of a check, compiled, against the JavaScript: the same executions in the same order, the same words learnt, the
 * same states, the same counterexamples.
 */
import { expect, test } from 'vitest'

import { kernelModule } from '../../../src/engines/compiled-kernel.ts'
import type { CheckKernel } from '../../../src/engines/check/compiled-text.ts'
import { compileCheckKernel } from '../../../src/forms/wasm/kernel.ts'
import { STRATEGIES } from '../../../src/mm/strategies/index.ts'
import { resolveCheckOptions, type CheckOptions } from '../../../src/run/check-options.ts'
import { CheckSession, type PartResult } from '../../../src/run/check-parts.ts'
import { CHECK_WORLDS, findCheckWorld } from '../../../src/run/check-worlds.ts'
import { generateCheckWorld } from '../../../src/run/check-generate.ts'
import { type CheckWorld, checkWorldScenario } from '../../../src/run/check-world.ts'
import { readSource } from '../../../../../scripts/kernel-files.ts'

const EXECUTIONS = 200
const IDS = STRATEGIES.map(({ strategy }) => strategy.id)

const kernels = new Map<string, CheckKernel>()

function kernelOf(strategy: string): CheckKernel {
  const known = kernels.get(strategy)
  if (known !== undefined) return known
  const module = kernelModule(compileCheckKernel({ strategy, read: readSource }))
  const kernel = { strategy, module }
  kernels.set(strategy, kernel)
  return kernel
}

function worldOf(name: string): CheckWorld {
  const world = findCheckWorld(name)
  if (world === undefined) throw new RangeError(`no world ${name}`)
  return world
}

/** What a check comes to. */
function checked(world: CheckWorld, strategy: string, options: CheckOptions): PartResult {
  const session = new CheckSession(
    checkWorldScenario(world, strategy),
    resolveCheckOptions({ executionsMax: EXECUTIONS, ...options }),
  )
  try {
    return session.explore({ root: { prefix: [], sleeping: [], isFull: false } })
  } finally {
    session.dispose()
  }
}

/** By world: what it comes to under a strategy, compiled or not. */
function allOf(
  worlds: readonly CheckWorld[],
  strategy: string,
  options: CheckOptions,
): Map<string, PartResult> {
  return new Map(worlds.map((world) => [world.name, checked(world, strategy, options)]))
}

test.for(IDS)('%s: every world of the catalogue', (strategy) => {
  const compiled = allOf(CHECK_WORLDS, strategy, { kernel: kernelOf(strategy) })
  expect(compiled).toEqual(allOf(CHECK_WORLDS, strategy, {}))
})

test.for(IDS)('%s: worlds from seeds', (strategy) => {
  const worlds = Array.from({ length: 10 }, (_, i) => generateCheckWorld(1 + i))
  const compiled = allOf(worlds, strategy, { kernel: kernelOf(strategy) })
  expect(compiled).toEqual(allOf(worlds, strategy, {}))
})

test.for([
  ['depth-first', {}],
  ['preemptions', { preemptionsMax: 1 }],
  ['random', { samples: 50 }],
  ['pct', { samples: 50 }],
  ['round-robin', {}],
  ['dpor', { values: 'plain' }],
  ['dpor', { races: false }],
  ['dpor', { allRules: true }],
  ['dpor', { stepsMax: 20 }],
] as const)('scheduler %s, %o', ([scheduler, options]) => {
  const worlds = ['shared-order2', 'two-gathers-and-access', 'split-scan'].map(worldOf)
  const asked = { scheduler, ...options }
  const compiled = allOf(worlds, 'linux-6.5', { ...asked, kernel: kernelOf('linux-6.5') })
  expect(compiled).toEqual(allOf(worlds, 'linux-6.5', asked))
})

test('the module of another strategy is not used', () => {
  const worlds = [worldOf('shared-order0')]
  const other = allOf(worlds, 'range-v1', { kernel: kernelOf('linux-6.5') })
  expect(other).toEqual(allOf(worlds, 'range-v1', {}))
})

test('it is the module that runs', () => {
  const read = (file: string): string | undefined =>
    file.endsWith('sync/check-undo.ts')
      ? readSource(file)?.replace('0x2c1b3c6d', '0x2c1b3c6f')
      : readSource(file)
  const strategy = 'range-v1'
  const kernel = { strategy, module: kernelModule(compileCheckKernel({ strategy, read })) }
  const { part, outcomes } = checked(worldOf('shared-order0'), strategy, { kernel })
  const js = checked(worldOf('shared-order0'), strategy, {})
  expect(part).toEqual(js.part)
  // it hashes states otherwise
  expect(outcomes).not.toEqual(js.outcomes)
  expect(outcomes).toHaveLength(js.outcomes.length)
})

test('a check goes on with the module when it comes', () => {
  const strategy = 'range-v1'
  const scenario = checkWorldScenario(worldOf('shared-order3'), strategy)
  const root = { prefix: [], sleeping: [], isFull: false }
  let looks = 0
  // asked every 64 executions
  const signal = {
    get aborted(): boolean {
      if (++looks === 3) session.useKernel(kernelOf(strategy))
      return false
    },
  }
  const session = new CheckSession(scenario, resolveCheckOptions({ signal }))
  const found = session.explore({ root })
  session.dispose()
  expect(looks).toBeGreaterThan(10)
  expect(found).toEqual(checked(worldOf('shared-order3'), strategy, { executionsMax: 1e6 }))
})
