/**
 * A large machine on the virtual engine: does it complete, in what time and memory?
 *
 *   node src/large.ts [--cpus N] [--pages N]
 *
 * As many processes as CPUs, order 0, linux-6.5-laf, the scenario format's defaults, verified.
 */
import { parseArgs } from 'node:util'

import { parseScenario, runVirtual } from '@mmgather/core'

import { describeConditions, readConditions } from './conditions.ts'
import { positive } from './options.ts'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cpus: { type: 'string', default: '1024' },
      pages: { type: 'string', default: '4096' },
    },
  })
  const cpus = positive('cpus', values.cpus)
  const pages = positive('pages', values.pages)
  console.log(describeConditions(await readConditions()))
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    machine: { cpus },
    processes: [{ count: cpus, vmas: [{ kind: 'anon', pages }] }],
  })
  const start = performance.now()
  let begun = 0
  let simulated = 0
  const { outcome, memory, time, virtual } = runVirtual(scenario, {
    onPopulated: () => {
      begun = performance.now()
    },
    onSimulated: () => {
      simulated = performance.now()
    },
  })
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
  console.log(`
${cpus} CPUs, ${cpus} processes of ${pages} pages: ${outcome.kind}
host        ${seconds(begun - start)} building, ${seconds(simulated - begun)} simulating, ${seconds(performance.now() - simulated)} checking
            ${(((simulated - begun) * 1e6) / (cpus * pages)).toFixed(0)} ns of simulation per page, ${virtual?.events} events
memory      ${mib(process.resourceUsage().maxRSS * 1024)} at most; the machine's buffer ${mib(memory.bufferBytes)}
virtual     teardown of ${(time.teardown.median / 1e6).toFixed(1)} ms`)
  if (outcome.kind !== 'completed') process.exitCode = 1
}

await main()
