/**
 * One run: starts all CPUs, watches them, and says how it ended.
 *
 * Whatever goes wrong on one CPU, the abort word makes the others leave; those that have not left after a grace period
 * hang, and whoever called brings them down. Time limits: a CPU that dies is noticed at once, one that hangs after
 * STALL_MS (later if it hardly gets a core), and GRACE_MS later the run has ended, together less than two seconds.
 */

import type { CpuTimes, KernelModule, Machine, Scenario } from '@mmgather/core'

import { requestAbort } from './control-block.ts'
import type { CpuOutcome } from './cpu-api.ts'
import { CpuDiedError, type CpuLink } from './cpu-link.ts'
import type { CpuSet } from './cpu-set.ts'
import { describeCpu, describeLog } from './describe-cpu.ts'
import { usableCores } from './environment.ts'
import { whatItDid } from './stack-names.ts'
import { StallDetector } from './stall-detector.ts'

/** A CPU that changes nothing for so long hangs. */
const STALL_MS = 1000
/** How long CPUs have to leave a run that is given up. */
const GRACE_MS = 250
const LOOK_MS = 50

/** How a run ended. `stuck`: a thread did not leave, the set cannot be used again. */
export type RunResult =
  | { kind: 'done'; times: CpuTimes[] }
  | { kind: 'interrupted'; stuck: boolean }
  | { kind: 'violated'; message: string; stuck: boolean }
  | { kind: 'failed'; cpu: number; message: string; stuck: boolean }

/** What became of the call of one CPU. */
type Settled = CpuOutcome | { kind: 'died'; why: string }

/** Runs the processes of a populated machine. Never rejects. */
export async function runOnce(
  machine: Machine,
  scenario: Scenario,
  set: CpuSet,
  signal: AbortSignal,
): Promise<RunResult> {
  const { links, threadIds } = set
  const settled: (Settled | undefined)[] = links.map(() => undefined)
  let stalled: number | undefined
  let wake = (): void => {}
  const trouble = new Promise<void>((resolve) => {
    wake = resolve
  })
  const calls = links.map(async (link, i) => {
    const outcome = await settle(link)
    settled[i] = outcome
    if (outcome.kind !== 'done') wake()
  })
  const all = Promise.all(calls).then(() => {})
  const limits = { stallMs: STALL_MS, intervalMs: LOOK_MS, cores: usableCores() }
  const detector = new StallDetector(machine, threadIds, limits, performance.now())
  const watch = setInterval(() => {
    stalled ??= detector.look(performance.now(), (cpu) => settled[cpu] !== undefined)
    if (stalled !== undefined) wake()
  }, LOOK_MS)
  const giveUp = (): void => {
    requestAbort(machine)
    wake()
  }
  if (signal.aborted) giveUp()
  else signal.addEventListener('abort', giveUp, { once: true })
  await Promise.race([all, trouble])
  clearInterval(watch)
  signal.removeEventListener('abort', giveUp)
  if (timesOf(settled) === undefined) {
    requestAbort(machine)
    await Promise.race([all, sleep(GRACE_MS)])
  }
  // it may have been done before it noticed the abort
  const times = timesOf(settled)
  if (times !== undefined) return { kind: 'done', times }
  const why = { stalled, interrupted: signal.aborted }
  return judge(machine, scenario, { settled, kernel: set.kernel, ...why })
}

async function settle(link: CpuLink): Promise<Settled> {
  try {
    return await link.run()
  } catch (error) {
    return { kind: 'died', why: error instanceof CpuDiedError ? error.message : String(error) }
  }
}

/** The times of all CPUs if all are done. */
function timesOf(settled: readonly (Settled | undefined)[]): CpuTimes[] | undefined {
  const times = settled.flatMap((each) => (each?.kind === 'done' ? [each] : []))
  return times.length === settled.length ? times : undefined
}

/** A run that was given up. */
interface GivenUp {
  settled: readonly (Settled | undefined)[]
  /** What the CPUs ran; undefined: the JavaScript. */
  kernel: KernelModule | undefined
  /** The CPU that did not get on. */
  stalled: number | undefined
  interrupted: boolean
}

/** Why a run was given up: a broken assertion comes before a dead thread, that before a hanging one. */
function judge(
  machine: Machine,
  scenario: Scenario,
  { settled, kernel, stalled, interrupted }: GivenUp,
): RunResult {
  const stuck = settled.some((each) => each === undefined || each.kind === 'died')
  const wasOf = (cpu: number, stack?: string): string => {
    const doing = stack === undefined ? undefined : whatItDid(stack, kernel)
    return describeCpu(machine, scenario, cpu, doing)
  }
  const failed = (cpu: number, why: string, stack?: string): RunResult => {
    const logged = describeLog(machine, cpu)
    const message = `CPU ${cpu}: ${why}; it was ${wasOf(cpu, stack)}${logged === '' ? '' : `; ${logged}`}`
    return { kind: 'failed', cpu, message, stuck }
  }
  for (const [cpu, each] of settled.entries()) {
    if (each?.kind !== 'bug') continue
    const message = `${each.message}; it was ${wasOf(cpu, each.stack)}`
    return { kind: 'violated', message, stuck }
  }
  for (const [cpu, each] of settled.entries()) {
    if (each?.kind === 'died') return failed(cpu, each.why)
    if (each?.kind === 'threw') return failed(cpu, each.message, each.stack)
  }
  if (stalled !== undefined) {
    const hung = settled[stalled] === undefined ? stalled : settled.indexOf(undefined)
    if (hung >= 0) return failed(hung, `hung: no progress for ${STALL_MS} ms, nor did it leave`)
    const left = settled[stalled]
    const stack = left?.kind === 'aborted' ? left.stack : undefined
    return failed(stalled, `waited in vain: no progress for ${STALL_MS} ms`, stack)
  }
  if (interrupted) return { kind: 'interrupted', stuck }
  const first = settled.findIndex((each) => each?.kind !== 'done')
  return failed(first, 'left the run for no reason that it told')
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
