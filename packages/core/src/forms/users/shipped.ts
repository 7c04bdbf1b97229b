/**
 * What the text that ships is to files of users: the names that they may import, the members of a strategy, which functions
 * can stop a CPU, and what functions are charged.
 *
 * All of it depends on core alone, and to find it out means to parse core. So it is plain data, which the build of core
 * writes down once. Invariant: data that was written and read again says the same.
 */

import { Analysis } from '../analysis.ts'
import { isKernelText, MEMORY_MODULE, SYNC_MODULE } from '../derive.ts'
import { Modules, parseModule, type Place } from '../modules.ts'
import { parse } from '../rules/check.ts'
import { strategyIntegers } from '../rules/names.ts'
import { Weights } from '../weights.ts'
import { type Offered, offeredBy } from './exports.ts'
import { SUBPATHS } from './files.ts'
import { strategyMembers } from './members.ts'

const STRATEGY_FILE = 'packages/core/src/mm/strategy.ts'

/** A name that a module of core exports to users' files. */
export interface ShippedName {
  readonly kind: Offered
  /** Where a value is declared. */
  readonly place?: Place
}

export interface ShippedText {
  /** By the file of a module that users' files import, and name. */
  readonly names: Readonly<Record<string, Readonly<Record<string, ShippedName>>>>
  /** The members of `interface Strategy`, those of `plain` as `plain.f`, and which of them are integers. */
  readonly members: readonly string[]
  readonly integers: readonly string[]
  /** The functions that can stop a CPU, as `file#name`: why, as `Analysis` says it. */
  readonly suspending: Readonly<Record<string, string>>
  /** What callers are charged for a function, as `Weights` counts it; 0 if it is not here. */
  readonly charged: Readonly<Record<string, number>>
}

/** @param core - the files of core's `src`, as `packages/core/src/...`, and their texts. */
export function describeShipped(core: ReadonlyMap<string, string>): ShippedText {
  const read = (file: string): string | undefined => core.get(file)
  const kernelText = [...core].flatMap(([file, text]) =>
    isKernelText(file) ? [parseModule(file, text)] : [],
  )
  const modules = new Modules(kernelText)
  const analysis = new Analysis(modules, { isSync: (file) => file === SYNC_MODULE })
  const { program } = parse(STRATEGY_FILE, read(STRATEGY_FILE) ?? '')
  return {
    names: Object.fromEntries(
      Object.values(SUBPATHS).map((file) => [file, namesOf(file, modules, read)]),
    ),
    members: [...strategyMembers(program)],
    integers: [...(strategyIntegers(program) ?? [])],
    suspending: Object.fromEntries(analysis.suspending),
    charged: Object.fromEntries(
      new Weights(analysis, (file) => file === MEMORY_MODULE).chargedToCallers(),
    ),
  }
}

function namesOf(
  file: string,
  modules: Modules,
  read: (file: string) => string | undefined,
): Record<string, ShippedName> {
  const names = [...offeredBy(file, read)].map(([name, kind]): [string, ShippedName] => {
    const place = kind === 'type' ? undefined : modules.exported(file, name)
    return [name, { kind, ...(place && { place }) }]
  })
  return Object.fromEntries(names)
}
