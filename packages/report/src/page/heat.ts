/**
 * A figure of a sweep over two of its axes, as a map.
 */
import { metricText } from '../numbers.ts'
import type { ReportData, SweepCell, SweepData } from '../report-data.ts'
import { cpuAxis } from '../curves.ts'
import { shortened } from '../names.ts'
import { axisStyle, chart, type Option } from './chart.ts'
import { choice, el, section } from './dom.ts'
import type { Colours } from './theme.ts'

/** Cells that still have room for a number. */
const LABELLED_MAX = 96
const LABELLED_WIDTH_MIN = 52
/** More rows or columns than this touch each other. */
const GAPS_ROWS_MAX = 24
const GAPS_COLUMNS_MAX = 64

interface View {
  sweep: SweepData
  x: number
  y: number
  metric: number
  /** Index of the value of each axis that is not drawn. */
  fixed: number[]
}

export function heatSection({ sweeps }: ReportData): HTMLElement | undefined {
  const drawn = sweeps.filter(
    ({ axes }) => axes.filter(({ values }) => values.length > 1).length > 1,
  )
  if (drawn.length === 0) return undefined
  const parts = drawn.flatMap((sweep) => [
    ...(drawn.length > 1 ? [el('h3', {}, `${sweep.label}: `, el('bdi', {}, sweep.name))] : []),
    heatMap(sweep),
  ])
  return section('contention', 'Contention map', ...parts)
}

function heatMap(sweep: SweepData): HTMLElement {
  const long = sweep.axes.flatMap(({ values }, i) => (values.length > 1 ? [i] : []))
  const along = cpuAxis(sweep.axes)
  const x = along >= 0 && long.includes(along) ? along : (long[0] as number)
  const others = long.filter((axis) => axis !== x)
  const numeric = others.find((axis) => typeof sweep.axes[axis]?.values[0]?.value === 'number')
  const view: View = {
    sweep,
    x,
    y: numeric ?? (others[0] as number),
    metric: Math.max(
      0,
      sweep.metrics.findIndex(({ id }) => id === 'waitShare'),
    ),
    fixed: sweep.axes.map(() => 0),
  }
  const drawing = chart({
    caption: `${sweep.seeds > 1 ? 'Medians over the seeds; a' : 'A'} place without a figure is empty`,
    height: 420,
    option: (colours, width) => heatOption(view, colours, width),
    table: () => ({ head: headOf(view), rows: rowsOf(view) }),
  })
  const controls = el('div', { class: 'controls' })
  const build = (): void => {
    const change =
      (set: (i: number) => void) =>
      (i: number): void => {
        set(i)
        build()
        drawing.update()
      }
    const names = long.map((axis) => sweep.axes[axis]?.name ?? '')
    const place = (axis: number, other: 'x' | 'y', mine: 'x' | 'y') =>
      change((i) => {
        const chosen = long[i] as number
        if (chosen === view[other]) view[other] = axis
        view[mine] = chosen
      })
    const rest = sweep.axes.flatMap(({ name, values }, axis) =>
      axis === view.x || axis === view.y || values.length < 2
        ? []
        : [
            choice(
              name,
              values.map(({ text }) => text),
              view.fixed[axis] ?? 0,
              change((i) => (view.fixed[axis] = i)),
            ),
          ],
    )
    controls.replaceChildren(
      choice(
        'Figure',
        sweep.metrics.map(({ label }) => label),
        view.metric,
        change((i) => (view.metric = i)),
      ),
      choice('Across', names, long.indexOf(view.x), place(view.x, 'y', 'x')),
      choice('Up', names, long.indexOf(view.y), place(view.y, 'x', 'y')),
      ...rest,
    )
  }
  build()
  return el('div', {}, controls, drawing.figure)
}

/** The cells of the map: x, y and value. */
function valuesOf({ sweep, x, y, metric, fixed }: View): [number, number, number][] {
  const isShown = (cell: SweepCell): boolean =>
    cell.at.every((value, axis) => axis === x || axis === y || value === fixed[axis])
  return sweep.cells.flatMap((cell): [number, number, number][] => {
    const value = cell.medians[metric]
    if (!isShown(cell) || value === null || value === undefined) return []
    return [[cell.at[x] as number, cell.at[y] as number, value]]
  })
}

function heatOption(view: View, colours: Colours, width: number): Option {
  const { sweep, x, y, metric } = view
  const [across, up] = [sweep.axes[x], sweep.axes[y]]
  const unit = sweep.metrics[metric]?.unit ?? 'count'
  const data = valuesOf(view)
  const values = data.map(([, , value]) => value)
  const [min, max] = [Math.min(...values), Math.max(...values)]
  const isShare = unit === 'share'
  const columns = across?.values.length ?? 1
  const isLabelled = data.length <= LABELLED_MAX && (width - 150) / columns >= LABELLED_WIDTH_MIN
  const rows = up?.values.length ?? 1
  const hasGaps = rows <= GAPS_ROWS_MAX && columns <= GAPS_COLUMNS_MAX
  const style = axisStyle(colours)
  const texts = (axis: typeof across, charsMax: number): string[] =>
    (axis?.values ?? []).map(({ text }) => shortened(text, charsMax))
  const name = (axis: typeof across) => shortened(axis?.name ?? '', 30)
  return {
    grid: { left: 12, right: 16, top: 8, bottom: 84, containLabel: true },
    xAxis: {
      type: 'category',
      data: texts(across, 16),
      name: name(across),
      nameLocation: 'middle',
      nameGap: 30,
      ...style,
    },
    yAxis: { type: 'category', data: texts(up, 18), ...style },
    visualMap: {
      type: 'continuous',
      min: isShare ? 0 : min,
      max: isShare ? Math.max(max, 0.01) : max === min ? min + 1 : max,
      calculable: false,
      text: [
        metricText(isShare ? Math.max(max, 0.01) : max, unit),
        metricText(isShare ? 0 : min, unit),
      ],
      orient: 'horizontal',
      left: 'center',
      bottom: 0,
      itemHeight: Math.min(220, width / 2),
      inRange: { color: colours.ramp },
      textStyle: { color: colours.muted, fontSize: 11 },
    },
    tooltip: {
      renderMode: 'richText',
      confine: true,
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.text, fontSize: 12 },
      formatter: ({ value }: { value: [number, number, number] }) =>
        `${name(across)} ${shortened(across?.values[value[0]]?.text ?? '', 40)}, ${name(up)} ${shortened(up?.values[value[1]]?.text ?? '', 40)}: ${metricText(value[2], unit)}`,
    },
    series: [
      {
        type: 'heatmap',
        data,
        label: {
          show: isLabelled,
          fontSize: 11,
          formatter: ({ value }: { value: [number, number, number] }) => metricText(value[2], unit),
        },
        itemStyle: { borderColor: colours.surface, borderWidth: hasGaps ? 1 : 0 },
      },
    ],
  }
}

function headOf({ sweep, x, y, metric }: View): string[] {
  return [sweep.axes[x]?.name ?? '', sweep.axes[y]?.name ?? '', sweep.metrics[metric]?.label ?? '']
}

function rowsOf(view: View): string[][] {
  const { sweep, x, y, metric } = view
  const unit = sweep.metrics[metric]?.unit ?? 'count'
  return valuesOf(view).map(([i, j, value]) => [
    sweep.axes[x]?.values[i]?.text ?? '',
    sweep.axes[y]?.values[j]?.text ?? '',
    metricText(value, unit),
  ])
}
