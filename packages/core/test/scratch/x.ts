import { createMachine, populate, cpuAddress } from '../../src/engines/boot.ts'
import { Execution } from '../../src/engines/check/execution.ts'
import { explore } from '../../src/engines/check/explore.ts'
import { Dpor } from '../../src/engines/check/schedulers/dpor.ts'
import { cpuMain } from '../../src/generated/raw/kernel/exit.ts'
import { findStrategy } from '../../src/generated/raw/mm/strategies/index.ts'
import { bindMachine } from '../../src/machine/machine.ts'
import { verify } from '../../src/machine/verify/verify.ts'
import { bindRaces, unbindRaces, firstRace } from '../../src/sync/check-races.ts'
import { hashChanges, changedWords } from '../../src/sync/check-memory.ts'
import { scenarioOf } from './scen.ts'

function go(strategyId: string, cpus: number, order: number, races: boolean, plain = false) {
  const scenario = scenarioOf({
    strategy: strategyId,
    machine: { cpus },
    tunables: { maxGatherBatchCount: 1, maxGatherBatch: 8 },
    processes: [
      {
        count: cpus,
        share: cpus,
        memcg: 'root',
        vmas: [{ kind: 'anon', pages: 1 << order, folios: [{ order, count: 1 }] }],
      },
    ],
  })
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  bindMachine(machine)
  const strategy = findStrategy(strategyId)!
  const blocks = Array.from({ length: cpus }, (_, i) => cpuAddress(i))
  const execution = new Execution({
    words: machine.words.length,
    programs: blocks.map((cpu) => () => cpuMain(cpu, strategy)),
    blocks,
    stepsMax: 5000,
    plainValues: plain,
  })
  if (races)
    bindRaces(machine.words.length, cpus, machine.globals.CPU_BASE, machine.globals.CPU_STRIDE)
  else unbindRaces()
  const seen = new Set<number>()
  let bad = ''
  let n = 0,
    raceS = ''
  const t = performance.now()
  const r = explore(execution, new Dpor(machine.words.length, cpus, 5000), {
    executionsMax: 400000,
    stop: (end) => {
      if (end.kind === 'abandoned') return false
      if (end.kind !== 'completed') {
        bad = JSON.stringify(end)
        return true
      }
      const race = firstRace()
      if (race) raceS = JSON.stringify(race)
      const h = hashChanges()
      if (!seen.has(h)) {
        seen.add(h)
        n = changedWords()
        const v = verify(machine, census)
        if (v.length) {
          bad = JSON.stringify(v)
          return true
        }
      }
      return false
    },
  })
  const ms = performance.now() - t
  console.log(
    strategyId,
    cpus,
    'order',
    order,
    races,
    'words',
    machine.words.length,
    JSON.stringify(r),
    'outcomes',
    seen.size,
    'changed',
    n,
    ms.toFixed(0),
    'ms',
    (((r.executions + r.abandoned) / ms) * 1000).toFixed(0),
    'exec/s',
    (r.steps / ms / 1000).toFixed(2),
    'Msteps/s',
    bad,
    raceS,
  )
}
const races = process.argv[2] === 'r'
for (let i = 0; i < 12; i++) go('range-v1', 2, 3, races)
