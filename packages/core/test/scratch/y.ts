import { createMachine, populate } from '../../src/engines/boot.ts'
import { explore } from '../../src/engines/check/explore.ts'
import { World } from '../../src/engines/check/world.ts'
import { minimise, breachOf } from '../../src/engines/check/minimise.ts'
import { Dpor } from '../../src/engines/check/schedulers/dpor.ts'
import { cpuMain } from '../../src/generated/raw/kernel/exit.ts'
import { findStrategy } from '../../src/generated/raw/mm/strategies/index.ts'
import { scenarioOf } from './scen.ts'

export function go(name: string, input: any, options: any = {}) {
  const scenario = scenarioOf(input)
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  const strategy = findStrategy(scenario.strategy)!
  const world = new World(machine, census, { program: (cpu) => cpuMain(cpu, strategy), ...options })
  const t = performance.now()
  let found: any
  const r = explore(world.execution, new Dpor(world.words, world.cpus, world.stepsMax), {
    executionsMax: options.executionsMax ?? 300000,
    inspect: world.inspect,
    stop: (end) => { found = breachOf(world, end); return end.kind !== 'completed' && end.kind !== 'abandoned' },
  })
  const ms = performance.now() - t
  console.log(name, scenario.strategy, 'words', machine.words.length, JSON.stringify(r), 'outcomes', world.outcomes.size, ms.toFixed(0), 'ms', ((r.executions + r.abandoned) / ms * 1000).toFixed(0), 'exec/s', (r.steps / ms / 1000).toFixed(2), 'Msteps/s')
  if (found) { const t = performance.now(); const m = minimise(world, found, 100000); console.log('   BREACH', m.rule, m.message, 'switches', m.contextSwitches, 'steps', m.schedule.length, m.isMinimal, (performance.now() - t).toFixed(0)+'ms') }
  world.dispose()
}
const small = { maxGatherBatchCount: 1, maxGatherBatch: 8, mmuGatherBundle: 8 }
for (const strategy of ['linux-6.5', 'linux-6.5-laf', 'range-v1']) {
  const base = { strategy, tunables: small }
  const shared = (n: number, order: number) => ({ ...base, machine: { cpus: n }, processes: [{ count: n, share: n, memcg: 'root', vmas: [{ kind: 'anon', pages: 1 << order, folios: [{ order, count: 1 }] }] }] })
  go('shared2-o3', shared(2, 3))
  go('shared3-o0', shared(3, 0))
  go('pmd', { ...base, machine: { cpus: 2 }, folios: [{ id: 0, order: 9, kind: 'anon', memcg: 'root' }], processes: [
    { memcg: 'root', vmas: [{ kind: 'anon', pages: 512, runs: [{ at: 0, pages: 512, folio: 0, mapped: 'pmd' }] }], teardown: [{ munmap: { vma: 0, from: 511, pages: 1 } }] },
    { memcg: 'root', vmas: [{ kind: 'anon', pages: 1, runs: [{ at: 0, pages: 1, folio: 0 }] }] } ] }, { executionsMax: 2000 })
  const file = { files: [{ name: 'f', pages: 4, folios: [{ order: 0, count: 1 }], memcg: 'root' }] }
  const vma2 = [{ kind: 'file', file: 'f', pages: 1, dirty: 'all' }, { kind: 'anon', pages: 1, memcg: 'root', start: '0x402000', folios: [{ order: 0, count: 1 }] }]
  go('tlb-munmap', { ...base, machine: { cpus: 2, gatherPages: 'pcp' }, processes: [
    { memcg: 'root', cpumask: 2, vmas: [{ kind: 'anon', pages: 2, folios: [{ order: 0, count: 1 }] }, { kind: 'anon', pages: 1, folios: [{ order: 0, count: 1 }] }], teardown: [{ munmap: { vma: 0, from: 0, pages: 2 } }] },
    { memcg: 'root', vmas: [], program: [{ access: { process: 0, vma: 0, pages: 2 } }, { access: { process: 0, vma: 0, pages: 2 } }] } ] })
  go('mkclean', { ...base, ...file, machine: { cpus: 3, gatherPages: 'pcp' }, processes: [
    { memcg: 'root', cpumask: 2, vmas: [{ kind: 'file', file: 'f', pages: 2, dirty: 'all' }, { kind: 'anon', pages: 1, folios: [{ order: 0, count: 1 }] }], teardown: [{ munmap: { vma: 0, from: 0, pages: 1 } }] },
    { memcg: 'root', vmas: [], program: [{ access: { process: 0, vma: 0, pages: 1 } }, { access: { process: 0, vma: 0, pages: 1 } }] },
    { memcg: 'root', vmas: [], program: [{ writeback: { process: 0, vma: 0, from: 0 } }] } ] })
  go('dontneed', { ...base, machine: { cpus: 2, gatherPages: 'pcp' }, processes: [
    { memcg: 'root', cpumask: 2, vmas: [{ kind: 'anon', pages: 2, folios: [{ order: 0, count: 1 }] }], program: [{ dontneed: { vma: 0 } }] },
    { memcg: 'root', vmas: [], program: [{ dontneed: { process: 0, vma: 0 } }] } ] })
  go('scan', { ...base, machine: { cpus: 2, gatherPages: 'pcp' }, tunables: { ...small, deferredSplit: 'large' }, processes: [
    { memcg: 'root', vmas: [{ kind: 'anon', pages: 4, folios: [{ order: 2, count: 1 }] }], teardown: [{ munmap: { vma: 0, from: 0, pages: 1 } }, 'exit'] },
    { memcg: 'root', vmas: [], program: [{ splitScan: { memcg: 'root' } }] } ] })
}
