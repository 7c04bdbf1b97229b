/**
 * The CPU threads of one `runLive`: brought up once, used for all its runs, brought down at the end, whatever happens.
 *
 * Invariant: when `bringUp` rejects or `bringDown` resolves, every thread has ended.
 */

import type { KernelModule, Machine, Scenario } from '@mmgather/core'

import { CpuDiedError, CpuLink } from './cpu-link.ts'
import type { StrategyFile } from './strategy-file/strategy-file.ts'

/** Until all threads are attached: each loads its module first, and there may be many more threads than cores. */
const BRING_UP_MS = 60_000
/**
 * Looks at a taken lock before a waiter naps, in JavaScript: some ten microseconds, longer than locks are held; fewer if
 * the holder may be waiting for this very core.
 */
const SPINS = 2000
const SPINS_WITHOUT_OWN_CORE = 200
/** In WebAssembly a look takes a tenth of the time. */
const LOOKS_OF_WASM = 10
/** Some milliseconds of looks at the start barrier: longer than messages take to reach all threads. */
const SPINS_AT_BARRIER = 1_000_000

export interface CpuSet {
  readonly links: readonly CpuLink[]
  /** Id of each thread in the operating system, 0 if unknown. */
  readonly threadIds: readonly number[]
  /** What the threads run; undefined: the JavaScript. */
  readonly kernel: KernelModule | undefined
  /** `process.hrtime.bigint()` from which the CPUs count their times. */
  readonly epoch: bigint
}

export interface BringUpOptions {
  /** Are there fewer cores than CPUs? Then waiters nap early. */
  shareCores: boolean
  /** The module that the threads run. */
  entry: URL
  /** For threads whose strategy does not ship. */
  userStrategy?: StrategyFile | undefined
  /** The strategy's kernel as WebAssembly; undefined: the threads run the JavaScript. */
  kernel: KernelModule | undefined
}

/** Starts a thread for each CPU of the machine. Rejects with CpuDiedError, naming the CPU. */
export async function bringUp(
  machine: Machine,
  scenario: Scenario,
  options: BringUpOptions,
): Promise<CpuSet> {
  const epoch = process.hrtime.bigint()
  const links = Array.from(
    { length: machine.globals.NR_CPUS },
    (_, cpu) =>
      new CpuLink(options.entry, {
        memory: machine.memory,
        cpu,
        strategy: scenario.strategy,
        ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
        spinsAtBarrier: options.shareCores ? 0 : SPINS_AT_BARRIER,
        spinsBeforeWait:
          (options.shareCores ? SPINS_WITHOUT_OWN_CORE : SPINS) *
          (options.kernel === undefined ? 1 : LOOKS_OF_WASM),
        epoch,
        ...(options.userStrategy && { userStrategy: options.userStrategy }),
      }),
  )
  try {
    return { links, threadIds: await allUp(links), kernel: options.kernel, epoch }
  } catch (error) {
    await bringDown(links, true)
    throw error
  }
}

async function allUp(links: readonly CpuLink[]): Promise<number[]> {
  const up = new Set<CpuLink>()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const cpu = links.find((link) => !up.has(link))?.cpu ?? 0
      reject(new CpuDiedError(cpu, `its thread was not up after ${BRING_UP_MS} ms`))
    }, BRING_UP_MS)
  })
  const ids = links.map(async (link) => {
    const id = await link.up()
    up.add(link)
    return id
  })
  try {
    return await Promise.race([Promise.all(ids), late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Ends all threads; never rejects.
 * @param force - at once, because one of them will not end by itself.
 */
export async function bringDown(links: readonly CpuLink[], force: boolean): Promise<void> {
  await Promise.all(links.map((link) => link.close(force)))
}
