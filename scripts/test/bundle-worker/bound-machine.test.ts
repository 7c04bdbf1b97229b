/** The replacements of a CPU thread's bundle offer what the modules that they replace offer. */
import { expect, test } from 'vitest'

import * as atomicOps from '../../../packages/core/src/sync/atomic-ops.ts'
import * as globals from '../../../packages/core/src/machine/globals.ts'
import * as memory from '../../../packages/core/src/machine/memory.ts'
import {
  BOUND_MODULES,
  boundMachine,
  constantFunctions,
  constantParameters,
} from '../../bundle-worker/bound-machine.ts'

const originals: Record<string, object> = {
  'packages/core/src/machine/memory.ts': memory,
  'packages/core/src/machine/globals.ts': globals,
  'packages/core/src/sync/atomic-ops.ts': atomicOps,
}

test('bound modules export the names of the modules that they replace', () => {
  expect([...BOUND_MODULES.keys()].toSorted()).toEqual(Object.keys(originals).toSorted())
  for (const [path, code] of BOUND_MODULES) {
    const exported = [...code().matchAll(/^export (?:const|function) (\w+)/gm)].map((m) => m[1])
    expect(exported.toSorted()).toEqual(Object.keys(originals[path] ?? {}).toSorted())
  }
})

test('other modules are left alone', () => {
  expect(boundMachine().load('/somewhere/packages/core/src/mm/swap.ts')).toBeNull()
})

const BUNDLE = `// packages/core/src/machine/globals.ts
const CPU_BASE = 1
// packages/core/src/mm/swap.ts
function release(cpu, slots, nr) {
\tstore(cpu + 1, nr)
}
// packages/core/src/mm/strategies/index.ts
function findStrategy(id) {
// packages/core/src/mm/memory.ts
function zap(cpu, vma, strategy) {
\tstrategy.free(cpu, vma)
// packages/workers/src/server.ts
function describe(cpu) {
`

test('functions become constants, and cpu and strategy of the kernel text too, line by line', () => {
  const code = constantParameters(constantFunctions(BUNDLE)).split('\n')
  expect(code).toHaveLength(BUNDLE.split('\n').length)
  expect(code[2]).toBe(
    'const cpu = CPU_BASE + workerData.cpu * CPU_STRIDE; // packages/core/src/mm/swap.ts',
  )
  expect(code[3]).toBe('const release = function release(_cpu, slots, nr) {')
  expect(code[4]).toBe('\tstore(cpu + 1, nr)')
  expect(code[8]).toMatch(/^const strategy = findStrategy\(workerData\.strategy\); /)
  expect(code[9]).toBe('const zap = function zap(_cpu, vma, _strategy) {')
  expect(code[12]).toBe('const describe = function describe(cpu) {')
})

test('a bundle without the list of strategies is refused', () => {
  expect(() => constantParameters('// packages/core/src/mm/swap.ts')).toThrow(/list of strategies/)
})
