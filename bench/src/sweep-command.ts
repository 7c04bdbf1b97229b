/**
 * `mmgather sweep` as a whole, start and end included: small points on one core, on two, and, for what this machine gives to
 * programs that share nothing, as two commands on a core each with half of the points. They take turns, so that ratios
 * are of one round.
 *
 *   node src/sweep-command.ts [--rounds N] [--seeds N] [--pages N,N] [--json]
 *
 * For each seed there are points of 1 to 4 CPUs, each with 64 or 128 pages (`--pages`). The command is the built one;
 * `taskset` has to be there.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { describeConditions, readConditions } from './conditions.ts'
import { positive } from './options.ts'
import { ratios, summarise } from './statistics.ts'
import { printTable } from './table.ts'

const CPUS_MAX = 4
const MAIN = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url))

interface Taken {
  wall: number
  /** User and system time of all threads. */
  cpu: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    seeds: { type: 'string', default: '1260' },
    pages: { type: 'string', default: '64,128' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = positive('rounds', values.rounds)
const seeds = positive('seeds', values.seeds)
const folder = mkdtempSync(join(tmpdir(), 'mmgather-bench-'))

/** Runs the command on these cores, and has the shell tell what it took. */
async function sweep(cores: string, jobs: number, first: number, count: number): Promise<Taken> {
  const out = join(folder, `${cores}.jsonl`)
  rmSync(out, { force: true })
  const args = [
    'sweep',
    'exit-order0',
    '--axis',
    `cpus+processes=1..${CPUS_MAX}`,
    '--axis',
    `pages=${values.pages}`,
  ]
  const more = ['--seed', String(first), '--seeds', String(count), '--jobs', String(jobs), '-q']
  const command = ['taskset', '-c', cores, process.execPath, MAIN, ...args, ...more, '-o', out]
  const begun = performance.now()
  const child = spawn('sh', ['-c', '"$@" || exit; times', 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  child.stdout.on('data', (text: Buffer) => (told += text.toString()))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`the sweep ended with ${String(code)}`)
  // the shell's own, then its children's, as 0m1.23s
  const [user = '', system = ''] = (told.trim().split('\n').at(-1) ?? '').split(' ')
  return { wall: (performance.now() - begun) / 1000, cpu: seconds(user) + seconds(system) }
}

function seconds(text: string): number {
  const [minutes = '', rest = ''] = text.split('m')
  return Number(minutes) * 60 + Number.parseFloat(rest)
}

async function twoCommands(): Promise<Taken> {
  const half = Math.ceil(seeds / 2)
  const both = await Promise.all([sweep('0', 1, 1, half), sweep('1', 1, 1 + half, seeds - half)])
  return {
    wall: Math.max(...both.map(({ wall }) => wall)),
    cpu: both.reduce((sum, { cpu }) => sum + cpu, 0),
  }
}

function row(name: string, measured: readonly number[], digits: number, unit: string): string[] {
  const { median, min, max } = summarise(measured)
  const text = [min, max].map((value) => value.toFixed(digits)).join(', ')
  return [name, `${median.toFixed(digits)} [${text}] ${unit}`]
}

const conditions = await readConditions()
const one: Taken[] = []
const two: Taken[] = []
const commands: Taken[] = []
try {
  for (let round = 0; round < rounds; round++) {
    one.push(await sweep('0', 1, 1, seeds))
    two.push(await sweep('0,1', 2, 1, seeds))
    commands.push(await twoCommands())
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const walls = (of: readonly Taken[]): number[] => of.map(({ wall }) => wall)
const cpus = (of: readonly Taken[]): number[] => of.map(({ cpu }) => cpu)
const idle = two.map(({ wall, cpu }) => 2 * wall - cpu)
const percent = (of: readonly number[]): number[] => of.map((ratio) => ratio * 50)
if (values.json) console.log(JSON.stringify({ conditions, one, two, commands }))
else {
  console.log(describeConditions(conditions))
  console.log(
    printTable([
      [
        `${seeds * CPUS_MAX * values.pages.split(',').length} points, ${rounds} rounds`,
        'median [smallest, largest]',
      ],
      row('one core, wall', walls(one), 2, 's'),
      row('one core, processor time', cpus(one), 2, 's'),
      row('two cores, wall', walls(two), 2, 's'),
      row('two cores, processor time', cpus(two), 2, 's'),
      row('two cores, not used by the sweep', idle, 2, 's'),
      row('two commands, wall', walls(commands), 2, 's'),
      row('efficiency of two cores', percent(ratios(walls(one), walls(two))), 1, '%'),
      row('of two commands', percent(ratios(walls(one), walls(commands))), 1, '%'),
      row('processor time, two cores to one', ratios(cpus(two), cpus(one)), 3, ''),
    ]),
  )
}
