/**
 * What `mmgather calibrate` measured, for people, at 80 columns.
 */
import { CYCLE_TEXTS, type CycleKey, type MachineProfile } from '@mmgather/core'
import { type Calibration, keysTakenOver, type Sampled } from '@mmgather/workers'
import { columns } from './columns.ts'
import { topologyText } from './profile.ts'
import { bytesText, countText, timeText } from './units.ts'
import { wrapWords } from './wrap.ts'

const HEAD = ['MEASURED', 'median', 'min', 'max', 'cycles', '']
const INDENT = ' '.repeat(11)

export function calibrationLines(
  calibration: Calibration,
  profile: MachineProfile,
  nearest: string,
): string[] {
  const taken = keysTakenOver(profile, nearest)
  return [
    ...wrapWords(profile.title, 'machine    ', INDENT),
    ...wrapWords(topologyText(profile.topology), 'topology   ', INDENT),
    `clock      ${countText(profile.mhz.value)} MHz`,
    `buffer     ${bytesText(calibration.bufferBytes)}`,
    '',
    ...columns(
      [HEAD, ...measuredRows(calibration, profile)],
      ['left', 'right', 'right', 'right', 'right', 'left'],
    ),
    '',
    ...wrapWords(`${taken.join(', ')}; scaled by the clock`, `FROM ${nearest}: `, '  '),
    ...calibration.notes.flatMap((note) => wrapWords(note, 'note: ', '  ')),
  ]
}

function measuredRows(calibration: Calibration, { cycles }: MachineProfile): string[][] {
  const taken = new Map(sampledOf(calibration))
  const figures = CYCLE_TEXTS.flatMap(([key]) => {
    const sampled = taken.get(key)
    return sampled === undefined ? [] : [row(key, sampled, countText(cycles[key].value))]
  })
  const { handOver } = calibration
  if (handOver === undefined) return figures
  return [...figures, row('lock hand-over', handOver, '-')]
}

function sampledOf({
  access,
  atomic,
  unlock,
  memory,
  clearPage,
  copyPage,
  transfers,
}: Calibration) {
  const lines = transfers.map(({ distance, ns }): [CycleKey, Sampled] => [
    (['transferSmt', 'transferCluster', 'transferSocket', 'transferRemote'] as const)[
      distance - 1
    ] ?? 'transferRemote',
    ns,
  ])
  const own = { access, atomic, unlock, memory, clearPage, copyPage }
  return [...(Object.entries(own) as [CycleKey, Sampled][]), ...lines]
}

function row(name: string, { median, min, max, isNoisy }: Sampled, cycles: string): string[] {
  return [name, timeText(median), timeText(min), timeText(max), cycles, isNoisy ? 'noisy' : '']
}
