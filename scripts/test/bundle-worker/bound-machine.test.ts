/** The replacements of a CPU thread's bundle offer what the modules that they replace offer. */
import { expect, test } from 'vitest'

import * as atomicOps from '../../../packages/core/src/sync/atomic-ops.ts'
import * as globals from '../../../packages/core/src/machine/globals.ts'
import * as memory from '../../../packages/core/src/machine/memory.ts'
import { BOUND_MODULES, boundMachine } from '../../bundle-worker/bound-machine.ts'

const originals: Record<string, object> = {
  'packages/core/src/machine/memory.ts': memory,
  'packages/core/src/machine/globals.ts': globals,
  'packages/core/src/sync/atomic-ops.ts': atomicOps,
}

test('bound modules export the names of the modules that they replace', () => {
  expect([...BOUND_MODULES.keys()].toSorted()).toEqual(Object.keys(originals).toSorted())
  for (const [path, code] of BOUND_MODULES) {
    const exported = [...code().matchAll(/^export (?:const|function) (\w+)/gm)].map((m) => m[1])
    expect(exported.toSorted(), path).toEqual(Object.keys(originals[path] ?? {}).toSorted())
  }
})

test('other modules are left alone', () => {
  expect(boundMachine().load('/somewhere/packages/core/src/mm/swap.ts')).toBeNull()
})
