/**
 * What a reader of a live report must know to read its figures, in words.
 */

import type { RunEnvironment } from '@mmgather/core'

import type { KernelCode } from './kernel-code.ts'
import type { StrategyFile } from './strategy-file/strategy-file.ts'

export function cpusExceedCores(cpus: number, environment: RunEnvironment): string[] {
  if (!environment.cpusExceedCores) return []
  return [
    `${cpus} CPUs on ${environment.cores} cores: times and lock waits measure this system's scheduler as well ` +
      '(counts are not affected); for times, use at most as many CPUs as there are cores',
  ]
}

/** The trace of a live run is taken by a thread beside those of the CPUs. */
export function sampled(cpus: number, { cores }: RunEnvironment): string[] {
  if (cpus < cores) return []
  return [
    `the thread that samples the trace takes turns with ${cpus} CPUs on ${cores} cores: times and lock waits include its ` +
      '(counts do not); for times, leave a core free or --trace out',
  ]
}

/**
 * The threads of strategies that ship run WebAssembly, or one bundle of JavaScript.
 * @param code - `kernel`: the file was compiled as well; `refused`: what the compiler refused in it.
 */
export function userStrategy(
  file: StrategyFile | undefined,
  code: { readonly kernel?: unknown; readonly refused?: readonly string[] },
): string[] {
  if (file === undefined || code.kernel !== undefined) return []
  const slower = 'slower than strategies that ship: compare counts, or times in virtual time'
  const [first, ...others] = code.refused ?? []
  if (first === undefined) return [`the strategy file ran as JavaScript modules, ${slower}`]
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return [
    `the strategy file cannot be compiled to WebAssembly and ran as JavaScript modules, ${slower}: ${first}${more}`,
  ]
}

/** WebAssembly is compiled before the first run, JavaScript during it. */
export function oneColdRun(runs: number, warmup: number, code: KernelCode): string[] {
  if (runs > 1 || warmup > 0 || code === 'wasm') return []
  return [
    'one run without warm-up: its time includes compilation; make several runs to compare times',
  ]
}

/** @param what - how the run ended, as a participle. */
export function runsMissing(what: string, completed: number, runs: number): string[] {
  if (completed > 0) return [`${what} after ${completed} of ${runs} runs: the figures are of those`]
  return [
    `${what} in the first run: the counts are of what was done until then, there are no times`,
  ]
}

export function timedOut(timeoutMs: number | undefined): string[] {
  return [`the time limit of ${timeoutMs} ms was reached`]
}
