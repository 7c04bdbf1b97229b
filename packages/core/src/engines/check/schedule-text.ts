/**
 * A schedule as text: the CPUs in order, each with the steps that it makes in a row: `0x12.1x5.0`.
 */

/** At most so many steps are read. */
const STEPS_MAX = 1_000_000

export function formatSchedule(schedule: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < schedule.length; ) {
    let end = i
    while (end < schedule.length && schedule[end] === schedule[i]) end++
    parts.push(end - i === 1 ? `${schedule[i]}` : `${schedule[i]}x${end - i}`)
    i = end
  }
  return parts.join('.')
}

/** Undefined: it is none. */
export function parseSchedule(text: string): number[] | undefined {
  const schedule: number[] = []
  if (text === '') return schedule
  for (const part of text.split('.')) {
    const { 1: cpu, 2: times = '1' } = /^(\d)(?:x(\d{1,7}))?$/.exec(part) ?? []
    if (cpu === undefined || schedule.length + Number(times) > STEPS_MAX) return undefined
    for (let i = 0; i < Number(times); i++) schedule.push(Number(cpu))
  }
  return schedule
}
