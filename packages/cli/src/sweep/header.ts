/**
 * The header of a sweep's journal, and whether a journal that is there is of the same sweep.
 *
 * The same sweep may have other values on its axes and more seeds; all else makes it another one.
 */
import { type JournalHeader, journalIdText, SWEEP_JOURNAL_SCHEMA } from '@mmgather/core'
import { UsageError } from '../errors.ts'
import { version } from '../version.ts'
import type { LoadedSweep } from './load-sweep.ts'
import { sha256 } from './plan.ts'

export function headerOf(sweep: LoadedSweep, reproduce: string): JournalHeader {
  const { name, description, scenario, set, axes, seeds, seed, options } = sweep
  const shared = { version: version(), scenario: { ...scenario, seed }, set, options }
  const keys = axes.flatMap((axis) => axis.keys)
  return {
    schema: SWEEP_JOURNAL_SCHEMA,
    version: shared.version,
    id: sha256(journalIdText(shared, keys)),
    name,
    description,
    axes: [...axes],
    seeds,
    set,
    options,
    reproduce,
    scenario: shared.scenario,
  }
}

/** Does the journal need to be told of this sweep? */
export function needsHeader(found: JournalHeader | undefined, header: JournalHeader): boolean {
  const told = (one: JournalHeader): string =>
    JSON.stringify([one.axes, one.seeds, one.name, one.description])
  return found === undefined || told(found) !== told(header)
}

/** @throws UsageError if the journal is of another sweep. */
export function checkSameSweep(
  path: string,
  found: JournalHeader | undefined,
  header: JournalHeader,
): void {
  if (found === undefined || found.id === header.id) return
  throw new UsageError({
    field: `--out ${path}`,
    problem: difference(found, header),
    hint: 'name another file, or run what the journal was made by',
  })
}

function difference(found: JournalHeader, header: JournalHeader): string {
  if (found.version !== header.version)
    return `was written by mmgather ${found.version}; this is ${header.version}, and may count differently`
  const keys = ({ axes }: JournalHeader): string =>
    axes
      .flatMap((axis) => axis.keys)
      .toSorted()
      .join(', ') || 'nothing'
  if (keys(found) !== keys(header))
    return `is of a sweep over ${keys(found)}; this is one over ${keys(header)}`
  if (found.scenario.name !== header.scenario.name) return `is of a sweep of ${found.scenario.name}`
  if (found.scenario.seed !== header.scenario.seed)
    return `is of a sweep from seed ${found.scenario.seed} on`
  const changed = firstChange(found.set, header.set)
  if (changed !== undefined) return `is of a sweep with ${changed}`
  if (JSON.stringify(found.options) !== JSON.stringify(header.options))
    return `is of a sweep with other options: ${JSON.stringify(found.options)}`
  return `is of another ${found.scenario.name}: the scenario was changed since`
}

function firstChange(found: JournalHeader['set'], now: JournalHeader['set']): string | undefined {
  for (const key of new Set([...Object.keys(found), ...Object.keys(now)]) as Set<keyof typeof now>)
    if (found[key] !== now[key]) return `${key} ${found[key] ?? 'as the scenario has it'}`
  return undefined
}
