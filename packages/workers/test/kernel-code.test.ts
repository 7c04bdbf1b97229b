import { configurationOf, parseScenario, scenarioLimits } from '@mmgather/core'
import { expect, test } from 'vitest'

import { loadKernel } from '../src/kernel-code.ts'

function configuration(machine: object) {
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'small',
    machine: { cpus: 1, ...machine },
    processes: [{ name: 'p', vmas: [{ kind: 'anon', pages: 8 }] }],
  })
  return configurationOf(scenarioLimits(scenario).globals)
}

test('machines of one configuration share a module, whatever their size', async () => {
  const first = await loadKernel('range-v1', configuration({ lock: 'ttas' }))
  expect(await loadKernel('range-v1', configuration({ lock: 'ttas', cpus: 3 }))).toBe(first)
  expect(await loadKernel('range-v1', configuration({ lock: 'ticket' }))).not.toBe(first)
  expect(await loadKernel('range-v2', configuration({ lock: 'ttas' }))).not.toBe(first)
})

test('of many configurations the modules that were made last are kept', async () => {
  const ofCluster = (swapClusterMax: number) =>
    loadKernel('range-v1', { ...configuration({}), SWAP_CLUSTER_MAX: swapClusterMax })
  const first = await ofCluster(1)
  for (let n = 2; n <= 8; n++) await ofCluster(n)
  expect(await ofCluster(1)).toBe(first)
  await ofCluster(9)
  expect(await ofCluster(1)).not.toBe(first)
})
