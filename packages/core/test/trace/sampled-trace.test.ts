/**
 * What a sampled trace says, read back by an independent reader, is what the machine's words said: totals at the end as the
 * report has them, figures when they changed, and never more bytes than allowed.
 */
import { describe, expect, test } from 'vitest'

import { bindLiveCpu } from '../../src/sync/live-cpu.ts'
import { createMachine, cpuAddress, populate, strategyOf } from '../../src/engines/boot.ts'
import { cpuMain } from '../../src/kernel/exit.ts'
import { COUNTER_KEYS, EVENT_KEYS, LOCK_CLASS_KEYS } from '../../src/machine/counters.ts'
import {
  BATCH_NR,
  CPU_CURRENT_MM,
  CPU_EVENTS,
  CPU_LOCKSTAT,
  CPU_MCS_NESTING,
  LOCKSTAT_WORDS,
  LS_WAIT_TOTAL,
  TLB_ACTIVE,
  ZONE_FREE_PAGES,
} from '../../src/machine/layout.ts'
import { bindMachine, type Machine } from '../../src/machine/machine.ts'
import { collectCounters, collectEvents, cpuBlock } from '../../src/metrics/collect.ts'
import { addLockSums, emptyLockSums, lockStatisticsOf } from '../../src/metrics/lock-statistics.ts'
import { overrideScenario } from '../../src/scenario/overrides.ts'
import { presetScenario } from '../../src/scenario/presets.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import {
  SampledTrace,
  type SampledTraceOptions,
  type SampledTraceSummary,
} from '../../src/trace/sampled-trace.ts'
import { packetsOf, readPackets, type Reading } from './support.ts'

interface Started {
  machine: Machine
  scenario: Scenario
  trace: SampledTrace
  /** Takes the last sample; what was written. */
  end: (ns: number) => { bytes: Buffer; summary: SampledTraceSummary; reading: Reading }
}

function started(
  preset: string,
  overrides: Parameters<typeof overrideScenario>[1],
  options: Partial<SampledTraceOptions> = {},
): Started {
  const scenario = overrideScenario(presetScenario(preset), overrides)
  const machine = createMachine(scenario)
  populate(machine, scenario)
  const parts: Buffer[] = []
  const trace = new SampledTrace(machine, scenario, {
    format: 'perfetto',
    write: (bytes) => parts.push(Buffer.from(bytes)),
    ...options,
  })
  const end = (ns: number): ReturnType<Started['end']> => {
    const summary = trace.end(ns)
    const bytes = Buffer.concat(parts)
    const isPerfetto = (options.format ?? 'perfetto') === 'perfetto'
    const reading = readPackets(isPerfetto ? packetsOf(bytes) : [])
    return { bytes, summary, reading }
  }
  return { machine, scenario, trace, end }
}

/** Runs all CPUs on this thread, with a sample after each. */
function runSampled({ machine, scenario, trace }: Started): void {
  const strategy = strategyOf(scenario)
  bindMachine(machine)
  trace.sample(0)
  let now = 0
  for (let cpu = 0; cpu < machine.globals.NR_CPUS; cpu++) {
    bindLiveCpu({ cpu: cpuAddress(cpu), clockNs: () => (now += 3) })
    cpuMain(cpuAddress(cpu), strategy)
    trace.sample((cpu + 1) * 100_000)
  }
}

/** By parent and track: the value at `at`. */
function valuesAt({ counters }: Reading, at: number): Map<string, number> {
  return new Map(
    counters
      .filter((each) => each.at === at)
      .map(({ parent, track, value }) => [`${parent}/${track}`, value]),
  )
}

describe.each(['exit-order0', 'shared-library-fork', 'page-fault2'])('%s', (preset) => {
  const run = started(preset, { cpus: 4, processes: 3 })
  runSampled(run)
  const { reading, summary, bytes } = run.end(450_000)
  const last = valuesAt(reading, 450_000)

  test('totals at the end are those of the report, each of them', () => {
    const counters = collectCounters(run.machine)
    expect(counters.ptesCleared + collectEvents(run.machine).ptesMapped).toBeGreaterThan(0)
    for (const key of COUNTER_KEYS)
      expect([key, last.get(`counters/${key}`) ?? 0]).toEqual([key, counters[key]])
    const events = collectEvents(run.machine)
    for (const key of EVENT_KEYS)
      expect([key, last.get(`events/${key}`) ?? 0]).toEqual([key, events[key]])
    const sums = emptyLockSums()
    addLockSums(sums, run.machine)
    const locks = lockStatisticsOf(sums)
    for (const key of LOCK_CLASS_KEYS) {
      expect(last.get(`locks/${key}: acquisitions`) ?? 0).toBe(locks[key].acquisitions)
      expect(last.get(`locks/${key}: contended`) ?? 0).toBe(locks[key].contended)
      expect(last.get(`locks/${key}: waited`) ?? 0).toBe(locks[key].waitNs.total)
    }
    const { ZONE } = run.machine.globals
    expect(last.get(`${title(reading)}/zone: free pages`)).toBe(
      run.machine.words[ZONE + ZONE_FREE_PAGES],
    )
  })

  test('every event is found, and the file says that it is sampled', () => {
    const found = packetsOf(bytes).filter(({ trackEvent }) => trackEvent !== undefined)
    expect(found).toHaveLength(summary.events)
    expect(bytes).toHaveLength(summary.bytes)
    expect(title(reading)).toMatch(/^mmgather: live run, sampled every 100 µs: /)
    expect(reading.slices.filter(({ name }) => name === 'sampling ended')).toMatchObject([
      {
        begin: 450_000,
        annotations: {
          samples: 6,
          samples_missed: 0,
          period_ns_asked: 100_000,
          period_ns_achieved: 90_000,
          gap_ns_max: 100_000,
        },
      },
    ])
    expect(summary).toMatchObject({ samples: 6, missed: 0, periodNsEnd: 100_000 })
  })

  test('figures change when their CPU has worked', () => {
    const cleared = reading.counters.filter(({ track }) => track === 'PTEs cleared')
    for (const { parent, at } of cleared.filter((each) => each.at < 450_000))
      expect(at).toBe((Number(parent.replace('CPU ', '')) + 1) * 100_000)
    expect(cleared.length).toBeGreaterThan(1)
  })
})

function title({ tracks }: Reading): string {
  return tracks.get(1)?.name ?? ''
}

describe('what CPUs are at', () => {
  const { machine, trace, end } = started('exit-order0', { cpus: 2, processes: 3, pages: 64 })
  const { words, globals } = machine
  const block = cpuBlock(machine, 1)
  const be = (ns: number, process: number, slots: number): void => {
    words[block + CPU_CURRENT_MM] = process < 0 ? 0 : globals.MM_BASE + process * globals.MM_STRIDE
    words[block + TLB_ACTIVE] = slots < 0 ? 0 : block + globals.CPU_LOCAL_BATCH
    words[block + globals.CPU_LOCAL_BATCH + BATCH_NR] = slots
    trace.sample(ns)
  }
  trace.phase(1, 10, 'at the start barrier')
  trace.phase(1, 20, 'runs')
  be(0, -1, -1)
  be(100_000, 1, 5)
  be(200_000, 2, 5)
  be(300_000, -1, -1)
  trace.phase(1, 250_000, undefined)
  const { reading } = end(300_001)

  test('phases have the times that they are told with', () => {
    const phases = reading.slices.filter(({ track }) => track === 'CPU 1')
    expect(phases.map(({ name, begin, end: until }) => [name, begin, until])).toEqual([
      ['at the start barrier', 10, 20],
      ['runs', 20, 250_000],
    ])
  })

  test('processes and batches have those of the samples', () => {
    const processes = reading.slices.filter(({ track }) => track === 'process (sampled)')
    expect(processes.map(({ name, begin, end: until }) => [name, begin, until])).toEqual([
      [`${PROCESS} 1`, 100_000, 200_000],
      [`${PROCESS} 2`, 200_000, 300_000],
    ])
    const slots = reading.counters.filter(({ track }) => track === 'batch: slots')
    expect(slots).toEqual([
      { track: 'batch: slots', parent: 'CPU 1', at: 100_000, value: 5 },
      { track: 'batch: slots', parent: 'CPU 1', at: 300_000, value: 0 },
    ])
  })
})

const PROCESS = presetScenario('exit-order0').processes[0]?.name ?? ''

test('sums of waits beyond 31 bits are read whole', () => {
  const { machine, trace, end } = started('exit-order0', { cpus: 2, processes: 2, pages: 64 })
  const at = cpuBlock(machine, 1) + CPU_LOCKSTAT + LOCKSTAT_WORDS + LS_WAIT_TOTAL
  machine.words[at] = 2 ** 31 - 1
  machine.words[at + 1] = 3
  trace.sample(0)
  const { reading } = end(1)
  expect(valuesAt(reading, 1).get('locks/lruvec: waited')).toBe(4 * 2 ** 31 - 1)
})

describe('a limit', () => {
  const MIB = 1 << 20
  const small = started('exit-order0', { cpus: 8, processes: 8, pages: 64 }, { bytesMax: MIB })
  const { machine, trace, end } = small
  let ns = 0
  for (let i = 0; i < 200_000; i++) {
    for (let cpu = 0; cpu < 8; cpu++) machine.words[cpuBlock(machine, cpu) + CPU_EVENTS] = i + 1
    if (ns >= trace.nextNs) trace.sample(ns)
    ns += 100_000
  }
  const { summary, bytes, reading } = end(ns)

  test('is kept, by samples that become rarer', () => {
    expect(bytes.length).toBeLessThanOrEqual(MIB)
    expect(bytes.length).toBeGreaterThan(MIB / 4)
    expect(summary.periodNsEnd).toBeGreaterThan(100_000)
    expect(summary.thinnedFromNs).toBeGreaterThan(0)
    const note = reading.slices.find(({ name }) => name === 'sampling ended')
    expect(note?.annotations).toMatchObject({
      samples: summary.samples,
      rarer_from_ns: summary.thinnedFromNs,
      period_ns_asked: 100_000,
    })
  })

  test('does not cost the totals at the end', () => {
    expect(valuesAt(reading, ns).get('counters/ptesCleared')).toBe(8 * 200_000)
  })

  test('samples reach from the start nearly to the end', () => {
    const times = reading.counters.map(({ at }) => at).filter((at) => at < ns)
    expect(Math.min(...times)).toBe(0)
    expect(Math.max(...times)).toBeGreaterThan(ns * 0.6)
  })
})

test('ftrace: figures as counters, processes as switches, in the order of time, and no contention', () => {
  const run = started('exit-order0', { cpus: 2, processes: 2, pages: 300 }, { format: 'ftrace' })
  const { machine, trace } = run
  trace.sample(0)
  machine.words[cpuBlock(machine, 0) + CPU_CURRENT_MM] = machine.globals.MM_BASE
  machine.words[cpuBlock(machine, 1) + CPU_MCS_NESTING] = 1
  trace.sample(100_000)
  machine.words[cpuBlock(machine, 0) + CPU_CURRENT_MM] = 0
  machine.words[cpuBlock(machine, 1) + CPU_MCS_NESTING] = 0
  runSampled({ ...run, trace: { sample: () => {} } as unknown as SampledTrace })
  const { bytes, summary } = run.end(1_234_567_890)
  const lines = bytes.toString().trimEnd().split('\n')
  const events = lines.filter((line) => !line.startsWith('#'))
  expect(events).toHaveLength(summary.events)
  expect(lines.slice(0, 4).join('\n')).toContain('live run, sampled every 100 µs')
  expect(lines.at(-1)).toMatch(/^# sampling ended: samples=3 samples_missed=12343 /)
  const times = events.map((line) => Number(/ ([\d.]+): /.exec(line)?.[1]))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  const last = new Map(
    events.flatMap((line) => {
      const [, time, name = '', value] =
        / ([\d.]+): tracing_mark_write: C\|3\|(.*)\|(\d+)$/.exec(line) ?? []
      return time === '1.234567890' ? [[name, Number(value)] as const] : []
    }),
  )
  const counters = collectCounters(machine)
  for (const key of COUNTER_KEYS) expect(last.get(`counters ${key}`) ?? 0).toBe(counters[key])
  expect(last.get('CPU 1 PTEs cleared')).toBe(300)
  const { name } = run.scenario.processes[0] ?? { name: '' }
  expect(events.filter((line) => line.includes('sched_'))).toEqual([
    `          <idle>-0       [000] .....     0.000100000: sched_switch: prev_comm=swapper/0 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=${name} next_pid=1 next_prio=120`,
    `${name.padStart(16)}-1       [000] .....     1.234567890: sched_process_exit: comm=${name} pid=1 prio=120`,
    `${name.padStart(16)}-1       [000] .....     1.234567890: sched_switch: prev_comm=${name} prev_pid=1 prev_prio=120 prev_state=X ==> next_comm=swapper/0 next_pid=0 next_prio=120`,
  ])
  expect(bytes.toString()).not.toContain('contention_')
})
