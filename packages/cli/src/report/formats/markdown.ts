/**
 * Runs and sweeps as Markdown tables, for mail, merge requests and issue trackers.
 *
 * Invariant: names from scenarios are shown as text, whatever they are.
 */
import { type Journal, LOCK_CLASS_KEYS, type RunReport, type Spread } from '@mmgather/core'
import type { ReportInput } from '../../report-inputs.ts'
import { outcomeText } from '../head.ts'
import { type Combination, combinationsOf } from '../sweep/combinations.ts'
import { failureGroups } from '../sweep/failures.ts'
import { axisText, entryText, sizeText } from '../sweep/words.ts'
import { countText, percentText, timeText } from '../units.ts'

export function* markdownParts(inputs: readonly ReportInput[]): Generator<string> {
  for (const [i, input] of inputs.entries()) {
    if (i > 0) yield '\n'
    yield* input.kind === 'run' ? runParts(input.report) : sweepParts(input.journal)
  }
}

function* runParts(report: RunReport): Generator<string> {
  const {
    scenario,
    strategy,
    engine,
    runs,
    seed,
    outcome,
    time,
    counters,
    locks,
    warnings,
    reproduce,
  } = report
  yield `## ${text(scenario.name)}, ${text(strategy)}\n\n`
  const cpus = scenario.machine.cpus
  yield `${engine} engine, ${countText(cpus)} CPU${cpus === 1 ? '' : 's'}, ${countText(runs)} run${runs === 1 ? '' : 's'} from seed ${seed}; ${text(outcomeText(outcome, runs, !reproduce.includes('--no-verify')).text)}.\n\n`
  yield* tableParts(
    ['time', 'median', 'min', 'max'],
    [
      ['teardown', ...spreadCells(time.teardown)],
      ...(time.perPage === null ? [] : [['per page', ...spreadCells(time.perPage)]]),
    ],
  )
  yield '\n'
  const counted = Object.entries(counters).filter(([, n]) => n !== 0)
  yield* tableParts(
    ['count', 'last run'],
    counted.map(([key, n]) => [key, countText(n)]),
  )
  yield '\n'
  yield* tableParts(
    ['lock', 'acquired', 'contended', 'waited', 'longest wait', 'longest hold'],
    LOCK_CLASS_KEYS.map((key) => {
      const { acquisitions, contended, waitNs, holdNs } = locks[key]
      return [
        key,
        countText(acquisitions),
        countText(contended),
        contended === 0 ? '-' : timeText(waitNs.total),
        contended === 0 ? '-' : timeText(waitNs.max),
        holdNs.samples === 0 ? '-' : timeText(holdNs.max),
      ]
    }),
  )
  for (const warning of warnings) yield `\n> ${text(warning)}\n`
  yield* commandParts(reproduce)
}

function* sweepParts(journal: Journal): Generator<string> {
  const { header, entries } = journal
  const { axes, seeds } = header
  yield `## ${text(header.name)}\n\n`
  yield `Scenario ${text(header.scenario.name)}; ${axes.map((axis) => text(axisText(axis))).join('; ')}; ${countText(entries.length)} of ${sizeText(axes, seeds)} points.\n\n`
  yield* tableParts(
    [
      ...axes.map(({ keys }) => keys.join('+')),
      'seeds',
      'teardown',
      'min',
      'max',
      'per page',
      'pages/s',
      'waiting',
      'most for',
    ],
    combinationsOf(journal).map((each) => [
      ...axes.map(({ keys }) => text(entryText(keys.map((key) => each.axes[key] ?? '')))),
      ...figureCells(each),
    ]),
  )
  const failures = entries.flatMap((entry) =>
    'error' in entry ? [{ point: entry.point, ...entry.error }] : [],
  )
  if (failures.length > 0) {
    yield '\n'
    yield* tableParts(
      ['without figures', 'why'],
      failureGroups(failures).map(({ points, reason }) => [text(points), text(reason)]),
    )
  }
  yield* commandParts(header.reproduce)
}

function figureCells({
  results,
  teardownNs,
  perPageNs,
  pagesPerSecond,
  waitShare,
  waitedMost,
}: Combination): string[] {
  return [
    countText(results.length),
    ...spreadCells(teardownNs),
    perPageNs === null ? '-' : timeText(perPageNs.median),
    countText(Math.round(pagesPerSecond.median)),
    percentText(waitShare.median),
    waitedMost ?? '-',
  ]
}

function spreadCells({ median, min, max }: Spread): string[] {
  return [median, min, max].map(timeText)
}

function* tableParts(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Generator<string> {
  yield `| ${head.join(' | ')} |\n`
  yield `| ${head.map((_, i) => (i === 0 ? '---' : '---:')).join(' | ')} |\n`
  for (const row of rows) yield `| ${row.join(' | ')} |\n`
}

/** A command in a block that nothing in it can end. */
function* commandParts(command: string): Generator<string> {
  if (command === '') return
  const longest = Math.max(2, ...[...command.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  yield `\n${fence}sh\n${command.replaceAll(/[\r\n]+/g, ' ')}\n${fence}\n`
}

/** As it is, with no effect on the page. */
function text(plain: string): string {
  return plain.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[\\`*_[\]<>#|~&]/g, (each) => `\\${each}`)
}
