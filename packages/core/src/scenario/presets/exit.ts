/**
 * Presets: exit of processes with anonymous memory of one folio size, the base line of every comparison.
 */
import type { ScenarioInput } from '../input.ts'
import { SCENARIO_SCHEMA } from '../scenario.ts'
import type { Preset } from './preset.ts'

const PAGES = 65_536

/** `processes` processes of 256 MiB each, one per CPU. */
function exit(name: string, description: string, processes: number, order: number): ScenarioInput {
  return {
    schema: SCENARIO_SCHEMA,
    name,
    description,
    machine: { cpus: processes },
    processes: [
      {
        name: 'worker',
        count: processes,
        vmas: [{ kind: 'anon', pages: PAGES, folios: [{ order }] }],
      },
    ],
  }
}

export const exitPresets: readonly Preset[] = [
  {
    name: 'exit-order0',
    summary: 'two processes of 256 MiB exit at once, 4 KiB folios',
    scenario: exit(
      'exit-order0',
      'Two processes of one memcg exit at once on two CPUs, so that both free into the same lruvec.',
      2,
      0,
    ),
  },
  {
    name: 'exit-order3',
    summary: 'two processes of 256 MiB exit at once, 32 KiB folios',
    scenario: exit(
      'exit-order3',
      'As exit-order0, with large anonymous folios of 8 pages: the case that the range series was written for.',
      2,
      3,
    ),
  },
  {
    name: 'exit-one-order0',
    summary: 'one process of 256 MiB exits on one CPU, 4 KiB folios',
    scenario: exit(
      'exit-one-order0',
      'Every count is exact: nothing runs beside this process.',
      1,
      0,
    ),
  },
  {
    name: 'exit-one-order3',
    summary: 'one process of 256 MiB exits on one CPU, 32 KiB folios',
    scenario: exit(
      'exit-one-order3',
      'As exit-one-order0, with large anonymous folios of 8 pages.',
      1,
      3,
    ),
  },
]
