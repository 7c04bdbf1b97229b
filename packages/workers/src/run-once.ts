/**
 * One run: starts all CPUs, watches them, and says how it ended.
 *
 * Whatever goes wrong on one CPU, the abort word makes the others leave; those that have not left after a grace period
 * hang, and whoever called brings them down. Time limits: a CPU that dies is noticed at once, one that hangs after
 * STALL_MS (later if it hardly gets a core), and GRACE_MS later the run has ended, together less than two seconds.
 */

import type { CpuTimes, Machine, Scenario } from '@mmgather/core'

import { requestAbort } from './control-block.ts'
import type { CpuOutcome, Doing } from './cpu-api.ts'
import { CpuDiedError, type CpuLink } from './cpu-link.ts'
import type { CpuSet } from './cpu-set.ts'
import { describeCpu, describeLog } from './describe-cpu.ts'
import { usableCores } from './environment.ts'
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
  { links, threadIds }: CpuSet,
  signal: AbortSignal,
): Promise<RunResult> {
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
  if (signal.aborted) wake()
  else signal.addEventListener('abort', wake, { once: true })
  await Promise.race([all, trouble])
  clearInterval(watch)
  signal.removeEventListener('abort', wake)
  if (timesOf(settled) === undefined) {
    requestAbort(machine)
    await Promise.race([all, sleep(GRACE_MS)])
  }
  // it may have been done before it noticed the abort
  const times = timesOf(settled)
  if (times !== undefined) return { kind: 'done', times }
  return judge(machine, scenario, settled, stalled, signal.aborted)
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

/** Why a run was given up: a broken assertion comes before a dead thread, that before a hanging one. */
function judge(
  machine: Machine,
  scenario: Scenario,
  settled: readonly (Settled | undefined)[],
  stalled: number | undefined,
  interrupted: boolean,
): RunResult {
  const stuck = settled.some((each) => each === undefined || each.kind === 'died')
  const failed = (cpu: number, why: string, doing?: Doing): RunResult => {
    const was = describeCpu(machine, scenario, cpu, doing)
    const logged = describeLog(machine, cpu)
    const message = `CPU ${cpu}: ${why}; it was ${was}${logged === '' ? '' : `; ${logged}`}`
    return { kind: 'failed', cpu, message, stuck }
  }
  for (const [cpu, each] of settled.entries()) {
    if (each?.kind !== 'bug') continue
    const was = describeCpu(machine, scenario, cpu, each.doing)
    return { kind: 'violated', message: `${each.message}; it was ${was}`, stuck }
  }
  for (const [cpu, each] of settled.entries()) {
    if (each?.kind === 'died') return failed(cpu, each.why)
    if (each?.kind === 'threw') return failed(cpu, each.message, each.doing)
  }
  if (stalled !== undefined) {
    const hung = settled[stalled] === undefined ? stalled : settled.indexOf(undefined)
    if (hung >= 0) return failed(hung, `hung: no progress for ${STALL_MS} ms, nor did it leave`)
    const left = settled[stalled]
    const doing = left?.kind === 'aborted' ? left.doing : undefined
    return failed(stalled, `waited in vain: no progress for ${STALL_MS} ms`, doing)
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
