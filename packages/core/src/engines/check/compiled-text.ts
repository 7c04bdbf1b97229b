/**
 * Kernel text of a check as a WebAssembly module: what runs in place of the raw form.
 *
 * The module imports the machine's memory, a second one with the arrays of the check text, where each of them lies in it, what
 * a run fixes, and the functions of `sync/` that are JavaScript in both forms. Invariant: the machine and the arrays are bound
 * in this thread, too, so that JavaScript reads what the module leaves.
 */

import type { Machine } from '../../machine/machine.ts'
import * as BREAKS from '../../sync/check-break.ts'
import {
  keepStates,
  noteStack,
  pickCpu,
  stopCpu,
  tellStepped,
  throwRace,
} from '../../sync/check-driver.ts'
import {
  endOfChanges,
  endOfShadow,
  endOfEntries,
  endOfTold,
  failCheckBug,
  failWild,
} from '../../sync/check-fail.ts'
import { performAtOnce } from '../../sync/check-at-once.ts'
import { reportRace } from '../../sync/check-race-report.ts'
import { performHardware, tellCleared, tellFreed, tellStore } from '../../sync/check-watch.ts'
import { cpuSelf } from '../../sync/live-cpu.ts'
import type { ArrayMemory } from '../array-memory.ts'
import { fixedValues, type KernelModule } from '../compiled-kernel.ts'

/** The module that compileCheckKernel made for a strategy. */
export interface CheckKernel {
  /** The strategy's id. */
  readonly strategy: string
  readonly module: KernelModule
}

interface CheckText {
  cpuMain(cpu: number): void
}

interface WebAssemblyApi {
  Instance: new (module: KernelModule, imports: object) => { exports: CheckText }
}

const HOST = {
  performAtOnce,
  performHardware,
  tellStore,
  tellFreed,
  tellCleared,
  ...BREAKS,
  noteStack,
  stopCpu,
  pickCpu,
  tellStepped,
  throwRace,
  keepStates,
  reportRace,
  endOfTold,
  endOfChanges,
  endOfShadow,
  endOfEntries,
  failWild,
  failCheckBug,
  cpuSelf,
}

/**
 * Binds a module to the machine and to a check's arrays as they are bound in this thread.
 * @param offsets - byte offsets of the arrays, by name.
 */
export function instantiateCheck(
  module: KernelModule,
  machine: Machine,
  arrays: ArrayMemory,
  offsets: Readonly<Record<string, number>>,
): CheckText {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory: machine.memory, arrays },
    globals: fixedValues(machine),
    arrays: offsets,
    host: HOST,
  })
  return exports
}
