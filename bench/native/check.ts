/**
 * `make check`: compares ./ref, and its builds under the address and thread sanitisers, with the
 * counting model, over options that between them reach every rule of the program.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { type ModelConfig, countEvents } from './counting-model.ts'

const OUTPUT_BYTES_MAX = 1 << 24
const ERROR_CHARS_MAX = 1_500

/** The counts that several CPUs with shared folios leave as they are; the rest depend on the order. */
const ORDER_INDEPENDENT =
  /ptes|tables|entries|batches|forced|tlb|chunks|rmap_calls|mapcount|refcount|freed|deletions|large/

type Options = Partial<ModelConfig>

const execFileAsync = promisify(execFile)

function optionSets(): Options[] {
  const sets: Options[] = []
  for (const strategy of ['baseline', 'range'] as const) {
    for (const order of [0, 1, 3, 4, 9]) sets.push(...optionsOfOrder({ strategy, order }))
    for (const swapClusterMax of [1, 2, 8, 32, 128, 1024]) {
      const window = { 'swap-cluster-max': swapClusterMax, 'lruvec-run': 3, lruvecs: 3 }
      sets.push({ strategy, procs: 2, pages: 9728, 'zone-device-every': 50, ...window })
    }
    for (const pages of [1, 7, 8, 9, 517, 518, 519, 9697, 9698, 9699, 9952, 9953, 9954]) {
      sets.push({ strategy, procs: 1, pages })
    }
  }
  return sets.flatMap((set) => [1, 2, 3].map((cpus) => ({ ...set, cpus })))
}

function optionsOfOrder(base: Options): Options[] {
  return [
    { ...base, procs: 3, pages: 20480, lruvecs: 1 },
    {
      ...base,
      procs: 3,
      pages: 10240,
      lruvecs: 2,
      'lruvec-run': 5,
      'swap-cluster-max': 7,
      vmas: 3,
      'max-batches': 2,
    },
    { ...base, procs: 5, pages: 5120, shared: 3, lruvecs: 2, 'hole-every': 7, 'va-offset': 300 },
    {
      ...base,
      procs: 2,
      pages: 4096,
      'swapcache-every': 3,
      'mlocked-every': 5,
      'nolru-every': 4,
      'huge-zero-every': 11,
      'dirty-every': 2,
      kind: 'file',
      'va-offset': 5,
    },
  ]
}

/** Runs one binary once; returns what is wrong with its counts, or that it failed. */
async function differences(
  binary: string,
  options: Options,
  extra: string[],
  compare = true,
): Promise<string[]> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const command = [binary, ...args, ...extra].join(' ')
  let events: Record<string, number>
  try {
    const { stdout } = await execFileAsync(binary, [...args, ...extra, '--json'], {
      maxBuffer: OUTPUT_BYTES_MAX,
      env: { ...process.env, TSAN_OPTIONS: 'halt_on_error=1' },
    })
    events = (JSON.parse(stdout) as { events: Record<string, number> }).events
  } catch (error) {
    return [`${command}: ${String(error).slice(0, ERROR_CHARS_MAX)}`]
  }
  if (!compare) return []
  const orderMatters = (options.shared ?? 1) > 1 && (options.cpus ?? 1) > 1
  return Object.entries(countEvents(options))
    .filter(([name]) => !orderMatters || ORDER_INDEPENDENT.test(name))
    .filter(([name, expected]) => events[name] !== expected)
    .map(([name, expected]) => `${command}: ${name} is ${events[name]}, the model says ${expected}`)
}

async function checkPlain(sets: Options[]): Promise<string[]> {
  const wrong: string[] = []
  for (const options of sets) {
    wrong.push(...(await differences('./ref', options, ['--lock', 'ttas'])))
    wrong.push(...(await differences('./ref', options, ['--lock', 'ticket', '--shuffle', '7'])))
  }
  return wrong
}

async function checkSanitised(binary: string, sets: Options[]): Promise<string[]> {
  const wrong: string[] = []
  for (const [index, options] of sets.entries()) {
    const lock = index % 2 === 0 ? 'ticket' : 'ttas'
    wrong.push(...(await differences(binary, options, ['--lock', lock, '--reps', '2'])))
  }
  const contended = { procs: 8, pages: 4096, shared: 4, cpus: 4, 'swapcache-every': 2 }
  for (const strategy of ['baseline', 'range'] as const) {
    for (const order of [0, 3]) {
      for (const lock of ['ttas', 'ticket']) {
        const extra = ['--lock', lock, '--reps', '5', '--no-pin']
        const options = { strategy, order, ...contended }
        wrong.push(...(await differences(binary, options, extra, false)))
      }
    }
  }
  return wrong
}

const all = optionSets()
const some = all.filter((_, index) => index % 4 === 0)
const wrong = [
  ...(await checkPlain(all)),
  ...(await checkSanitised('./ref-asan', some)),
  ...(await checkSanitised('./ref-tsan', some)),
]
for (const line of wrong) console.error(line)
console.log(`${all.length} option sets, ${wrong.length} differences`)
process.exitCode = wrong.length > 0 ? 1 : 0
