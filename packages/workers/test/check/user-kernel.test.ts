/** Users' strategies in a check: compiled while it goes on, and the report is that of the JavaScript. */
import { afterAll, expect, test } from 'vitest'

import { worldScenario } from '../../../core/test/engines/check/world-scenario.ts'
import {
  disposeStrategyFile,
  loadStrategyFile,
  openCheckThreads,
  runCheckInThreads,
  type StrategyFile,
} from '../../src/index.ts'
import { compileUserCheckKernel } from '../../src/kernel-code.ts'

const FOLDER = new URL('../../../../docs/strategies/', import.meta.url).pathname
const FILES = ['free-batch-15.ts', 'pages-per-hold.ts', 'mm-unstable-2024-01.ts']
const SCENARIO = worldScenario('shared-order3', 'range-v1')

const loaded = new Map<string, StrategyFile>()

async function strategyFile(name: string): Promise<StrategyFile> {
  const file = loaded.get(name) ?? (await loadStrategyFile(`${FOLDER}${name}`))
  loaded.set(name, file)
  return file
}

afterAll(() => loaded.forEach(disposeStrategyFile))

test.for(FILES)(
  '%s: the report does not depend on the code, nor on when it comes',
  async (name) => {
    const file = await strategyFile(name)
    const bounds = { strategyFile: file, executionsMax: 2000 }
    const js = await runCheckInThreads(SCENARIO, { ...bounds, code: 'js' })
    expect(js.strategy).toBe(file.id)
    for (const compileAfterMs of [0, 50])
      expect(await runCheckInThreads(SCENARIO, { ...bounds, compileAfterMs })).toEqual(js)
    expect(await compileUserCheckKernel(file)).toMatchObject({ strategy: file.id })
  },
)

test('threads that are kept have it from the start, and several share it', async () => {
  const file = await strategyFile('free-batch-15.ts')
  const threads = openCheckThreads(2)
  try {
    const options = { strategyFile: file, executionsMax: 2000 }
    const first = await threads.check(SCENARIO, { ...options, compileAfterMs: 0 })
    const second = await threads.check(SCENARIO, options)
    const js = await threads.check(SCENARIO, { ...options, code: 'js' })
    expect([first.verdict, second.verdict]).toEqual([js.verdict, js.verdict])
  } finally {
    await threads.close()
  }
})
