/**
 * Runs on the built packages (without the source condition): tears shared processes down with the bundled CPU thread and
 * prints, for each case, what it counted and what one thread counts. For built-bundle.test.ts.
 */
import {
  collectCounters,
  createMachine,
  LOCK_CLASS_KEYS,
  populate,
  runOneCpu,
  STRATEGIES,
  strategyOf,
} from '@mmgather/core'
import { runLive } from '@mmgather/workers'

import { forkShared } from './support.ts'

const cases = STRATEGIES.flatMap(({ strategy }) =>
  (['ttas', 'ticket', 'qspinlock'] as const).flatMap((lock) =>
    (['wasm', 'js'] as const).map((code) => ({ strategy: strategy.id, lock, code })),
  ),
)
for (const { strategy, lock, code } of cases) {
  const scenario = { ...forkShared(2, { lock, deal: 'queue' }, { pages: 700 }), strategy }
  const report = await runLive(scenario, { runs: 30, code })
  const machine = createMachine(scenario)
  populate(machine, scenario)
  runOneCpu(machine, strategyOf(scenario))
  const taken = LOCK_CLASS_KEYS.reduce((sum, key) => sum + report.locks[key].acquisitions, 0)
  console.log(
    JSON.stringify({
      strategy,
      lock,
      code,
      environment: report.environment.code,
      module: import.meta.resolve('@mmgather/workers/cpu-worker'),
      outcome: report.outcome,
      counters: report.counters,
      expected: collectCounters(machine),
      taken,
    }),
  )
}
