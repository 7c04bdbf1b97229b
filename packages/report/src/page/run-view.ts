/**
 * What the page shows of one run: its figures, its locks, where the time of each CPU went, how long CPUs waited and held.
 */
import { countText, metricText, percentText, timeText } from '../numbers.ts'
import type { ReportData, RunData } from '../report-data.ts'
import { shortened } from '../names.ts'
import { choice, el, isolated, section } from './dom.ts'
import { gatherPicture } from './gather.ts'
import { histogramChart } from './histogram.ts'
import { sortableTable, type Cell } from './table.ts'
import { timelineView } from './timeline.ts'
import { timeStackChart } from './time-stack.ts'

/** The sections of runs: one run is shown at a time. */
export function runSections({ runs }: ReportData): HTMLElement[] {
  const [first] = runs
  if (first === undefined) return []
  const places = VIEWS.map(({ id, title, name }) => section(id, { title, name }))
  const show = (run: RunData): void => {
    VIEWS.forEach(({ view }, i) => {
      const place = places[i] as HTMLElement
      const content = view(run)
      place.hidden = content === undefined
      place.replaceChildren(
        place.firstElementChild as Element,
        ...(content === undefined ? [] : [content]),
      )
      const link = document.querySelector<HTMLElement>(`nav a[href="#${place.id}"]`)
      if (link !== null) link.hidden = place.hidden
    })
  }
  const names = runs.map(({ label, scenarioName, strategy, cpus }) =>
    shortened(`${label}: ${scenarioName}, ${strategy}, ${cpus} CPUs`, 90),
  )
  const head = section('run', runs.length === 1 ? 'The run' : 'Runs')
  if (runs.length > 1) head.append(choice('Shown below', names, 0, (i) => show(runs[i] as RunData)))
  head.append(runsTable(runs))
  show(first)
  return [head, ...places]
}

const VIEWS: readonly {
  id: string
  title: string
  name: string
  view: (run: RunData) => HTMLElement | undefined
}[] = [
  { id: 'locks', title: 'Locks', name: 'Locks', view: lockTable },
  { id: 'time', title: 'Where the time went', name: 'Time', view: timeStackChart },
  { id: 'waits', title: 'How long CPUs waited and held', name: 'Waits', view: histogramChart },
  { id: 'timeline', title: 'Timeline', name: 'Timeline', view: timelineView },
  { id: 'gather', title: 'Batches of a gather', name: 'Batches', view: gatherPicture },
  { id: 'functions', title: 'Functions', name: 'Functions', view: functionTable },
]

function runsTable(runs: readonly RunData[]): HTMLElement {
  const rows = runs.map((run): Cell[] => [
    { text: run.label },
    { text: shortened(run.scenarioName, 40) },
    { text: shortened(run.strategy, 40) },
    { text: countText(run.cpus), value: run.cpus },
    { text: countText(run.processes), value: run.processes },
    timeCell(run.teardownNs?.median),
    timeCell(run.perPageNs?.median),
    { text: shortened(run.outcome, 60) },
  ])
  const titles = [
    'run',
    'scenario',
    'strategy',
    'CPUs',
    'processes',
    'teardown',
    // two lines where there is little room
    'CPU\u00a0time a\u00a0page',
    'outcome',
  ]
  const table = sortableTable(
    'Runs of this report',
    titles.map((title) => ({ title })),
    rows,
    { column: 0, isAscending: true },
  )
  const warnings = [...new Set(runs.flatMap((run) => run.warnings))]
  const list =
    warnings.length === 0
      ? undefined
      : el('ul', { class: 'warnings' }, ...warnings.map((text) => el('li', {}, isolated(text))))
  return el('div', {}, table, list)
}

function timeCell(ns: number | undefined): Cell {
  return ns === undefined ? { text: '–' } : { text: timeText(ns), value: ns }
}

const LOCK_COLUMNS = [
  { title: 'class' },
  { title: 'con-bounces', hint: 'contentions on a lock that another CPU had last' },
  { title: 'contentions', hint: 'acquisitions that found the lock taken' },
  { title: 'contended', hint: 'contentions as a part of the acquisitions' },
  { title: 'waittime-max' },
  { title: 'waittime-total' },
  { title: 'waittime-avg' },
  { title: 'acq-bounces', hint: 'acquisitions of a lock that another CPU had last' },
  { title: 'acquisitions' },
  { title: 'holdtime-max' },
  { title: 'holdtime-total' },
  { title: 'holdtime-avg' },
]

/** The columns of /proc/lock_stat. The live engine times one hold in many, whose sum would be taken for that of all. */
function lockTable({ locks, engine, runs }: RunData): HTMLElement {
  const isSampled = engine === 'live'
  const rows = Object.entries(locks).map(([name, lock]): Cell[] => {
    const { acquisitions, contended, acqBounces, conBounces, waitNs, holdNs } = lock
    const time = (ns: number, samples: number): Cell =>
      samples === 0 ? { text: '–' } : { text: timeText(ns), value: ns }
    const count = (n: number | undefined): Cell =>
      n === undefined ? { text: '–' } : { text: countText(n), value: n }
    const part = acquisitions === 0 ? 0 : contended / acquisitions
    return [
      { text: name },
      count(conBounces),
      count(contended),
      { text: acquisitions === 0 ? '–' : percentText(part), value: part },
      time(waitNs.max, contended),
      time(waitNs.total, contended),
      time(waitNs.avg, contended),
      count(acqBounces),
      count(acquisitions),
      time(holdNs.max, holdNs.samples),
      isSampled ? { text: '–' } : time(holdNs.total, holdNs.samples),
      time(holdNs.avg, holdNs.samples),
    ]
  })
  const ofRuns = runs > 1 ? `, of all ${countText(runs)} runs` : ''
  const holds = isSampled ? '; hold times are those of a sample of the acquisitions' : ''
  const caption = `Lock classes, with the columns of /proc/lock_stat${ofRuns}${holds}`
  return sortableTable(caption, LOCK_COLUMNS, rows, { column: 5, isAscending: false })
}

function functionTable({ functions }: RunData): HTMLElement | undefined {
  if (functions.length === 0) return undefined
  const total = functions.reduce((sum, { exclusiveNs }) => sum + exclusiveNs, 0)
  const rows = functions.map(({ function: name, calls, exclusiveNs, inclusiveNs }): Cell[] => [
    { text: name },
    { text: metricText(calls, 'count'), value: calls },
    { text: timeText(exclusiveNs), value: exclusiveNs },
    { text: percentText(exclusiveNs / total), value: exclusiveNs },
    { text: timeText(inclusiveNs), value: inclusiveNs },
  ])
  const titles = ['function', 'calls', 'exclusive', 'share', 'inclusive']
  const table = sortableTable(
    'Virtual time by kernel function, waiting for locks included',
    titles.map((title) => ({ title })),
    rows,
    { column: 2, isAscending: false },
  )
  return el('div', { class: 'tall' }, table)
}
