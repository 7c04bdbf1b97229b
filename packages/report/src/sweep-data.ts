/**
 * From the journal of a sweep to what the page shows of it: a cell for each combination of the axes' values, with the
 * medians over the seeds.
 */
import {
  type Journal,
  type JournalEntry,
  LOCK_CLASS_KEYS,
  median,
  overrideScenario,
  type Scenario,
  scenarioToInput,
  scenarioToText,
  type SweepResult,
} from '@mmgather/core'
import type { Metric, SweepAxis, SweepCell, SweepData } from './report-data.ts'

export interface SweepInput {
  source: string
  journal: Journal
}

interface MetricOf extends Metric {
  of: (result: SweepResult) => number | null
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
const NS_PER_MS = 1_000_000

/** The first is what scales. */
export const METRICS: readonly MetricOf[] = [
  {
    id: 'throughput',
    label: 'pages torn down per ms',
    unit: 'pages/ms',
    better: 'more',
    of: ({ counters, teardownNs }) => share(counters.ptesCleared, teardownNs) * NS_PER_MS,
  },
  {
    id: 'waitShare',
    label: 'time spent waiting for locks',
    unit: 'share',
    better: 'less',
    of: ({ timeStack }) =>
      share(
        LOCK_CLASS_KEYS.reduce((sum, key) => sum + timeStack.waitNs[key], 0),
        timeStack.totalNs,
      ),
  },
  {
    id: 'teardown',
    label: 'teardown',
    unit: 'ns',
    better: 'less',
    of: ({ teardownNs }) => teardownNs,
  },
  {
    id: 'perPage',
    label: 'CPU time per page',
    unit: 'ns',
    better: 'less',
    of: ({ perPageNs }) => perPageNs,
  },
  ...LOCK_CLASS_KEYS.flatMap((key): MetricOf[] => [
    {
      id: `${key}.contended`,
      label: `${key} lock: contended acquisitions`,
      unit: 'share',
      better: 'less',
      of: ({ locks }) => share(locks[key].contended, locks[key].acquisitions),
    },
    {
      id: `${key}.wait`,
      label: `${key} lock: share of the time waited`,
      unit: 'share',
      better: 'less',
      of: ({ timeStack }) => share(timeStack.waitNs[key], timeStack.totalNs),
    },
  ]),
  {
    id: 'lruvec.waitAvg',
    label: 'lruvec lock: average wait',
    unit: 'ns',
    better: 'less',
    of: ({ locks }) => locks.lruvec.waitNs.avg,
  },
  {
    id: 'lruvec.waitMax',
    label: 'lruvec lock: longest wait',
    unit: 'ns',
    better: 'less',
    of: ({ locks }) => locks.lruvec.waitNs.max,
  },
  {
    id: 'lruvec.holdAvg',
    label: 'lruvec lock: held on average',
    unit: 'ns',
    of: ({ locks }) => locks.lruvec.holdNs.avg,
  },
  {
    id: 'runningShare',
    label: 'time spent running',
    unit: 'share',
    of: ({ timeStack }) => share(timeStack.runningNs, timeStack.totalNs),
  },
  {
    id: 'workShare',
    label: 'time spent on other kernel work',
    unit: 'share',
    of: ({ timeStack }) => share(timeStack.workNs, timeStack.totalNs),
  },
  {
    id: 'userShare',
    label: 'user time',
    unit: 'share',
    of: ({ timeStack }) => share(timeStack.delayNs, timeStack.totalNs),
  },
  {
    id: 'transferShare',
    label: 'time spent waiting for cache lines',
    unit: 'share',
    better: 'less',
    of: ({ timeStack }) => share(timeStack.transferNs, timeStack.totalNs),
  },
  {
    id: 'ipiShare',
    label: 'time spent on TLB flushes',
    unit: 'share',
    better: 'less',
    of: ({ timeStack }) => share(timeStack.ipiNs, timeStack.totalNs),
  },
  {
    id: 'offMax',
    label: 'longest stretch with interrupts off',
    unit: 'ns',
    better: 'less',
    of: ({ interrupts }) => interrupts.offNsMax,
  },
  {
    id: 'lruvecAcquisitions',
    label: 'lruvec lock: acquisitions',
    unit: 'count',
    of: ({ locks }) => locks.lruvec.acquisitions,
  },
  {
    id: 'refcountAtomics',
    label: 'refcount atomics',
    unit: 'count',
    of: ({ counters }) => counters.refcountAtomics,
  },
  {
    id: 'rmapCalls',
    label: 'rmap removals',
    unit: 'count',
    of: ({ counters }) => counters.rmapCalls,
  },
  {
    id: 'splitQueueAcquisitions',
    label: 'splitQueue lock: acquisitions',
    unit: 'count',
    of: ({ locks }) => locks.splitQueue.acquisitions,
  },
  {
    id: 'gatherSlots',
    label: 'slots used in gathers',
    unit: 'count',
    of: ({ counters }) => counters.gatherSlots,
  },
]

export function sweepData({ source, journal }: SweepInput, label: string): SweepData {
  const { header, entries } = journal
  const axes = header.axes.map(({ keys, values }): SweepAxis => {
    const shown = values.map((entry) => {
      const [first = ''] = entry
      const isOne = entry.every((value) => value === first)
      return { value: first, text: isOne ? String(first) : entry.join(':') }
    })
    return { name: keys.join('+'), keys: [...keys], values: shown }
  })
  return {
    label,
    name: header.name,
    description: header.description,
    source,
    axes,
    seeds: header.seeds,
    metrics: METRICS.map(({ id, label: text, unit, better }) => ({
      id,
      label: text,
      unit,
      ...(better && { better }),
    })),
    cells: cellsOf(journal),
    points: entries.length,
    errors: errorsOf(entries),
    facts: [
      ['version', `mmgather ${header.version}`],
      ['scenario', header.scenario.name],
      ['seeds', String(header.seeds)],
      ...Object.entries(header.set).map(([key, value]): [string, string] => [key, String(value)]),
    ],
    reproduce: header.reproduce,
    scenarioText: scenarioToText(scenarioToInput(scenarioOf(journal))),
  }
}

/** As all points have it, where their axes do not say otherwise. */
function scenarioOf({ header: { scenario, set } }: Journal): Scenario {
  const { profile: _, jitter: __, ...overrides } = set
  try {
    return overrideScenario(scenario, overrides as Parameters<typeof overrideScenario>[1])
  } catch {
    // what all points have may fit only together with an axis, as processes do with CPUs
    return scenario
  }
}

function cellsOf({ header, entries }: Journal): SweepCell[] {
  const numbers = header.axes.map(
    ({ values }) => new Map(values.map((entry, i) => [JSON.stringify(entry), i])),
  )
  const results = new Map<string, { at: number[]; results: SweepResult[] }>()
  for (const entry of entries) {
    if (!('result' in entry)) continue
    const at = header.axes.map(({ keys }, axis) => {
      const values = keys.map((key) => entry.point.axes[key])
      return numbers[axis]?.get(JSON.stringify(values)) ?? -1
    })
    // a value that the sweep had before it was continued with others
    if (at.includes(-1)) continue
    const key = at.join()
    const cell = results.get(key) ?? { at, results: [] }
    results.set(key, cell)
    cell.results.push(entry.result)
  }
  return [...results.values()].toSorted(byPlace).map(({ at, results: all }) => {
    const columns = METRICS.map(({ of }) => all.map(of).filter((value) => value !== null))
    const [throughputs = []] = columns
    return {
      at,
      medians: columns.map((values) => (values.length === 0 ? null : short(median(values)))),
      ...(all.length > 1 && {
        spread: [short(Math.min(...throughputs)), short(Math.max(...throughputs))],
      }),
    }
  })
}

/** In the order of the axes: lines of a journal stand in the order in which points were finished. */
function byPlace(a: Pick<SweepCell, 'at'>, b: Pick<SweepCell, 'at'>): number {
  const differs = a.at.findIndex((value, axis) => value !== b.at[axis])
  return differs < 0 ? 0 : (a.at[differs] ?? 0) - (b.at[differs] ?? 0)
}

/** Integers as they are, others with as many digits as anybody can see: there may be a million. */
function short(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(7))
}

function errorsOf(entries: readonly JournalEntry[]): SweepData['errors'] {
  const kinds = new Map<string, { what: string; count: number; first: string }>()
  for (const entry of entries) {
    if (!('error' in entry)) continue
    const { kind, message } = entry.error
    const known = kinds.get(kind)
    if (known !== undefined) known.count++
    else {
      const { axes, seed } = entry.point
      const where = [...Object.entries(axes), ['seed', seed]].map(
        ([key, value]) => `${key}=${value}`,
      )
      kinds.set(kind, { what: kind, count: 1, first: `${where.join(' ')}: ${message}` })
    }
  }
  return [...kinds.values()]
}
