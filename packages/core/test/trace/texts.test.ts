/** ftrace, collapsed stacks and speedscope: their form, and their counts against the report. */
import { describe, expect, test } from 'vitest'

import { LOCK_CLASS_KEYS } from '../../src/machine/counters.ts'
import { runVirtual } from '../../src/run/run-virtual.ts'
import { parseScenario } from '../../src/scenario/parse-scenario.ts'
import { traced, type TraceCase } from './support.ts'

const ONE: TraceCase = {
  preset: 'exit-order0',
  overrides: { cpus: 8, processes: 16, pages: 700 },
  options: { functions: true },
}

describe('ftrace', () => {
  const { report, bytes, summary } = traced({ ...ONE, format: 'ftrace' })
  const lines = bytes.toString().trimEnd().split('\n')
  const events = lines.flatMap((line) => {
    const match =
      /^ *(?<comm>\S+)-(?<pid>\d+) +\[(?<cpu>\d{3})\] \.{5} +(?<time>\d+\.\d{9}): (?<event>\w+): (?<rest>.*)$/.exec(
        line,
      )
    return match?.groups === undefined ? [] : [match.groups]
  })
  const of = (name: string) => events.filter(({ event }) => event === name)

  test('every line is a comment or an event, in the order of time', () => {
    const comments = lines.filter((line) => line.startsWith('#'))
    expect(comments.length + events.length).toBe(lines.length)
    expect(events).toHaveLength(summary.events)
    const times = events.map(({ time }) => Number(time))
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test('contention begins and ends as often as the report says, per lock and task', () => {
    const contended = LOCK_CLASS_KEYS.reduce((n, key) => n + report.locks[key].contended, 0)
    expect(contended).toBeGreaterThan(50)
    expect(of('contention_begin')).toHaveLength(contended)
    expect(of('contention_end')).toHaveLength(contended)
    const waiting = new Map<string, string>()
    const wrong: string[] = []
    for (const { event, pid = '', rest = '' } of events) {
      const lock = rest.split(' ')[0] ?? ''
      const waitsFor = event === 'contention_end' ? lock : undefined
      if (!event?.startsWith('contention_')) continue
      if (waiting.get(pid) !== waitsFor) wrong.push(`${event} ${pid} ${lock}`)
      if (event === 'contention_begin') waiting.set(pid, lock)
      else waiting.delete(pid)
    }
    expect(wrong).toEqual([])
    expect(waiting.size).toBe(0)
  })

  test('locks are named by class, in a comment before their first event', () => {
    const named = new Map<string, string>()
    const unnamed: string[] = []
    for (const line of lines) {
      const [, lock, key] = /^# ([0-9a-f]{16}) is a (\w+) lock$/.exec(line) ?? []
      if (lock !== undefined) named.set(lock, key ?? '')
      const [, used] = /contention_begin: ([0-9a-f]{16}) /.exec(line) ?? []
      if (used !== undefined && !named.has(used)) unnamed.push(line)
    }
    expect(unnamed).toEqual([])
    expect([...named.values()]).toContain('lruvec')
  })

  test('each process is switched to, and exits', () => {
    expect(of('sched_process_exit')).toHaveLength(16)
    const next = of('sched_switch').map(({ rest }) => / next_pid=(\d+) /.exec(rest ?? '')?.[1])
    const started = next.filter((pid) => pid !== '0').toSorted((a, b) => Number(a) - Number(b))
    expect(started).toEqual(Array.from({ length: 16 }, (_, i) => String(i + 1)))
  })
})

test('ftrace: a hostile group name stays one word of 15 characters', () => {
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    machine: { cpus: 1 },
    processes: [{ name: 'a b=[000] <script> end', vmas: [{ kind: 'anon', pages: 16 }] }],
  })
  let text = ''
  runVirtual(scenario, {
    trace: { format: 'ftrace', write: (bytes) => (text += Buffer.from(bytes).toString()) },
  })
  const comms = [...text.matchAll(/ next_comm=(.*?) next_pid=1 /g)].map(([, comm]) => comm)
  expect(comms).toEqual(['a_b_[000]_<scri'])
})

/** Virtual time of all CPUs from the first function of each to its end. */
function busyNs({ virtual }: { virtual?: { cpuTime: { totalNs: number }[] } }): number {
  return (virtual?.cpuTime ?? []).reduce((n, { totalNs }) => n + totalNs, 0)
}

describe('collapsed stacks', () => {
  const { report, bytes, summary } = traced({ ...ONE, format: 'collapsed' })
  const lines = bytes.toString().trimEnd().split('\n')
  const stacks = lines.map((line) => {
    const [, text = '', ns] = /^(.*) (\d+)$/.exec(line) ?? []
    return { frames: text.split(';'), ns: Number(ns) }
  })

  test('one line a stack, sorted; together all of the virtual time', () => {
    expect(stacks).toHaveLength(summary.events)
    expect(lines).toEqual(lines.toSorted())
    const total = stacks.reduce((n, { ns }) => n + ns, 0)
    expect(Math.abs(total - busyNs(report))).toBeLessThanOrEqual(16)
  })

  test('waits are frames, as long as the report says', () => {
    for (const key of LOCK_CLASS_KEYS) {
      const { waitNs, contended } = report.locks[key]
      const waits = stacks.filter(({ frames }) => frames.at(-1) === `[waits for ${key} lock]`)
      const ns = waits.reduce((n, each) => n + each.ns, 0)
      expect(Math.abs(ns - waitNs.total)).toBeLessThanOrEqual(contended + 1)
    }
  })
})

test('speedscope: profiles whose weights are the time of each CPU', () => {
  const { report, bytes, summary } = traced({ ...ONE, format: 'speedscope' })
  const file = JSON.parse(bytes.toString()) as {
    $schema: string
    shared: { frames: { name: string }[] }
    profiles: {
      type: string
      unit: string
      name: string
      endValue: number
      samples: number[][]
      weights: number[]
    }[]
  }
  expect(file.$schema).toBe('https://www.speedscope.app/file-format-schema.json')
  expect(file.profiles).toHaveLength(8)
  let stacks = 0
  file.profiles.forEach(({ type, unit, name, endValue, samples, weights }, cpu) => {
    expect({ type, unit, name }).toEqual({
      type: 'sampled',
      unit: 'nanoseconds',
      name: `CPU ${cpu}`,
    })
    expect(samples).toHaveLength(weights.length)
    for (const frame of samples.flat()) expect(file.shared.frames[frame]?.name).toBeTruthy()
    const total = weights.reduce((a, b) => a + b, 0)
    expect(endValue).toBe(total)
    expect(Math.abs(total - (report.virtual?.cpuTime[cpu]?.totalNs ?? 0))).toBeLessThanOrEqual(2)
    stacks += samples.length
  })
  expect(stacks).toBe(summary.events)
})
