/**
 * The CPU thread: attaches to the machine, answers the control plane, runs the kernel text.
 *
 * Invariant: once a run has begun, the thread touches nothing but the shared buffer until it has an outcome. An error
 * of any kind stops all CPUs through the abort word before it is answered.
 */

import {
  AbortError,
  attachMachine,
  bindLiveCpu,
  bindMachine,
  cpuBlock,
  cpuMain,
  type CompiledKernel,
  type CpuTimes,
  findStrategy,
  instantiateKernel,
  KernelBugError,
  type Machine,
  resetHoldSample,
  type Strategy,
} from '@mmgather/core'
import { expose } from 'comlink'
import { readlinkSync } from 'node:fs'

import { requestAbort, waitForStart } from './control-block.ts'
import type { CpuApi, CpuOutcome, CpuThreadData } from './cpu-api.ts'
import { CPU_AT_BARRIER, CPU_FINISHED, CPU_RUNNING, setCpuState } from './cpu-state.ts'
import { currentProcess } from './current-process.ts'
import { type LogEvent, writeLog } from './log-ring.ts'

/** Frames of a stack that are kept: zap_pte_range lies deep. */
const STACK_FRAMES = 30

/** What is put in place of parts of a CPU: a strategy that does not ship, or what tests make it fail by. */
export interface CpuHooks {
  /** In place of the strategy that `data` names. */
  strategy?: Strategy
  /** What to run in place of the strategy, in JavaScript. */
  wrap?: (strategy: Strategy) => Strategy
  /** Functions that compiled text calls. */
  host?: Parameters<typeof instantiateKernel>[2]
}

/** Serves one CPU until the control port closes. */
export function serveCpu(data: CpuThreadData, hooks: CpuHooks = {}): void {
  Error.stackTraceLimit = STACK_FRAMES
  const machine = attachMachine(data.memory)
  const spins = data.spinsBeforeWait
  bindMachine(machine)
  bindLiveCpu({
    cpu: cpuBlock(machine, data.cpu),
    clockNs: () => performance.now() * 1e6,
    ...(spins === undefined ? {} : { spinsBeforeWait: spins }),
  })
  const kernel =
    data.kernel === undefined
      ? javaScriptKernel(strategyFor(data, hooks))
      : instantiateKernel(data.kernel, machine, hooks.host)
  const api: CpuApi = {
    up: threadIdOfSystem,
    run: () => runCpu(machine, data, kernel),
  }
  expose(api, data.control)
}

function strategyFor(data: CpuThreadData, { strategy, wrap }: CpuHooks): Strategy {
  const found = strategy ?? findStrategy(data.strategy)
  if (found === undefined) throw new Error(`CPU ${data.cpu}: no strategy ${data.strategy}`)
  return wrap === undefined ? found : wrap(found)
}

/** The kernel text as it stands, in the place of compiled text. */
function javaScriptKernel(strategy: Strategy): CompiledKernel {
  return { cpuMain: (cpu) => cpuMain(cpu, strategy) }
}

function runCpu(machine: Machine, data: CpuThreadData, kernel: CompiledKernel): CpuOutcome {
  resetHoldSample()
  try {
    return { kind: 'done', ...teardown(machine, data, kernel) }
  } catch (error) {
    if (error instanceof AbortError) {
      log(machine, data, 'left')
      return { kind: 'aborted', stack: stackOf(error) }
    }
    requestAbort(machine)
    const kind = error instanceof KernelBugError ? 'bug' : 'threw'
    log(machine, data, kind)
    return { kind, message: describe(error), stack: stackOf(error) }
  } finally {
    setCpuState(machine, data.cpu, CPU_FINISHED)
  }
}

function teardown(machine: Machine, data: CpuThreadData, kernel: CompiledKernel): CpuTimes {
  const cpu = cpuBlock(machine, data.cpu)
  log(machine, data, 'arrived')
  setCpuState(machine, data.cpu, CPU_AT_BARRIER)
  waitForStart(machine, data.spinsAtBarrier)
  setCpuState(machine, data.cpu, CPU_RUNNING)
  log(machine, data, 'started')
  const start = process.hrtime.bigint()
  kernel.cpuMain(cpu)
  const end = process.hrtime.bigint()
  log(machine, data, 'finished')
  return { startNs: Number(start - data.epoch), endNs: Number(end - data.epoch) }
}

function log(machine: Machine, data: CpuThreadData, event: LogEvent): void {
  const timeUs = Number((process.hrtime.bigint() - data.epoch) / 1000n) | 0
  writeLog(machine, data.cpu, { event, timeUs, process: currentProcess(machine, data.cpu) })
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : ''
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error instanceof KernelBugError ? error.message : `${error.name}: ${error.message}`
}

/** Linux names a thread by the number at the end of the link /proc/thread-self. */
function threadIdOfSystem(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0)
  } catch {
    return 0
  }
}
