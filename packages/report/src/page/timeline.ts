/**
 * CPUs over virtual time: what each waits for (upper half of its row) and which locks it holds (lower half), with zoom and
 * with keys. Only what is in view is drawn, and nothing is narrower than a pixel.
 */
import type { TimelineInterval } from '@mmgather/core'
import { LOCK_COLOURS } from '../colours.ts'
import { countText, timeText } from '../numbers.ts'
import type { RunData } from '../report-data.ts'
import { unpackIntervals } from '../timeline-data.ts'
import { type Drawing, sketch } from './canvas.ts'
import { button, el } from './dom.ts'

const LABELS = 52
const AXIS = 22
const ROW_MIN = 7
const ROW_MAX = 26
const HEIGHT_MAX = 640
/** The narrowest view, in nanoseconds. */
const SPAN_MIN = 20
const ZOOM = 1.6
/** Lock classes in the order in which a CPU takes them. */
const OUTER_FIRST = ['ptl', 'pcp', 'lruvec', 'splitQueue', 'swapCluster', 'zone']
const NARROWER = 0.12

interface Row {
  cpu: number
  /** By lock class. */
  waits: TimelineInterval[][]
  holds: TimelineInterval[][]
}

/** What is in view. */
interface View {
  from: number
  to: number
  firstRow: number
  rowHeight: number
}

export function timelineView(run: RunData): HTMLElement | undefined {
  const { timeline, noTimeline } = run
  if (timeline === undefined)
    return noTimeline === undefined
      ? undefined
      : el('p', { class: 'note' }, `There is none: ${noTimeline}.`)
  const rows = timeline.cpus.map(
    ({ waits, holds }, cpu): Row => ({
      cpu,
      waits: waits.map(unpackIntervals),
      holds: holds.map(unpackIntervals),
    }),
  )
  const end = Math.max(1, ...rows.flatMap(({ waits, holds }) => [...waits, ...holds].map(lastEnd)))
  return new TimelineView(rows, end, Object.keys(run.locks), timeline.resolutionNs).element
}

function lastEnd(intervals: readonly TimelineInterval[]): number {
  const last = intervals.at(-1)
  return last === undefined ? 0 : last[0] + last[1]
}

class TimelineView {
  readonly element: HTMLElement
  readonly #rows: readonly Row[]
  readonly #end: number
  readonly #classes: readonly string[]
  readonly #view: View
  readonly #height: number
  readonly #sketch: ReturnType<typeof sketch>
  readonly #status = el('p', { class: 'status', 'aria-live': 'polite' })
  #width = 1
  #drag: { from: number; to: number } | undefined

  constructor(rows: readonly Row[], end: number, classes: readonly string[], resolutionNs: number) {
    this.#rows = rows
    this.#end = end
    this.#classes = classes
    const rowHeight = Math.max(
      ROW_MIN,
      Math.min(ROW_MAX, Math.floor((HEIGHT_MAX - AXIS) / rows.length)),
    )
    this.#height = Math.min(HEIGHT_MAX, rowHeight * rows.length + AXIS)
    this.#view = { from: 0, to: end, firstRow: 0, rowHeight }
    this.#sketch = sketch(
      () => this.#height,
      {
        tabindex: 0,
        role: 'application',
        'aria-label': 'Timeline of CPUs. Plus and minus zoom, the arrow keys move, Home shows all.',
        class: 'timeline',
      },
      (drawing) => this.#paint(drawing),
    )
    this.#listen()
    const coarse =
      resolutionNs > 0
        ? ` Intervals closer than ${timeText(resolutionNs)} are drawn as one, the paler the less of it was busy.`
        : ''
    this.element = el(
      'figure',
      {},
      el(
        'figcaption',
        {},
        `Upper half of a row: waiting for a lock; lower half: holding one.${coarse} Drag to zoom; or with the keys + − ← → ↑ ↓ and Home.`,
      ),
      el('div', { class: 'controls' }, ...this.#buttons(), this.#legend()),
      this.#sketch.canvas,
      this.#status,
    )
    this.#tell()
  }

  #buttons(): HTMLElement[] {
    const middle = (): number => (this.#view.from + this.#view.to) / 2
    return [
      button('+', () => this.#zoom(1 / ZOOM, middle()), { 'aria-label': 'Zoom in' }),
      button('−', () => this.#zoom(ZOOM, middle()), { 'aria-label': 'Zoom out' }),
      button('All', () => this.#show(0, this.#end), { 'aria-label': 'Show all' }),
    ]
  }

  #legend(): HTMLElement {
    const used = this.#classes.filter((_, i) =>
      this.#rows.some(({ waits, holds }) => (waits[i]?.length ?? 0) + (holds[i]?.length ?? 0) > 0),
    )
    const entries = used.map((name) =>
      el('span', { class: 'key', style: `--key:var(--series-${colourOf(name)})` }, name),
    )
    return el('span', { class: 'legend' }, ...entries)
  }

  #listen(): void {
    const { canvas } = this.#sketch
    canvas.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.#key(event.key)) return
      event.preventDefault()
    })
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      canvas.setPointerCapture(event.pointerId)
      this.#drag = { from: this.#timeAt(event.offsetX), to: this.#timeAt(event.offsetX) }
    })
    canvas.addEventListener('pointermove', (event) => {
      if (this.#drag === undefined) {
        this.#tellOf(event.offsetX, event.offsetY)
        return
      }
      this.#drag.to = this.#timeAt(event.offsetX)
      this.#sketch.draw()
    })
    canvas.addEventListener('pointerup', () => {
      const drag = this.#drag
      this.#drag = undefined
      if (drag === undefined) return
      const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]
      const isWide = (to - from) / (this.#view.to - this.#view.from) > 0.01
      if (isWide) this.#show(from, to)
      else this.#sketch.draw()
    })
    canvas.addEventListener('pointercancel', () => (this.#drag = undefined))
    canvas.addEventListener(
      'wheel',
      (event) => {
        // the page scrolls, unless zoom is meant
        if (!event.ctrlKey) return
        event.preventDefault()
        this.#zoom(event.deltaY < 0 ? 1 / ZOOM : ZOOM, this.#timeAt(event.offsetX))
      },
      { passive: false },
    )
  }

  /** True: the key means something here. */
  #key(key: string): boolean {
    const { from, to } = this.#view
    const step = (to - from) / 4
    switch (key) {
      case '+':
      case '=':
        this.#zoom(1 / ZOOM, (from + to) / 2)
        return true
      case '-':
        this.#zoom(ZOOM, (from + to) / 2)
        return true
      case 'ArrowLeft':
        this.#show(from - step, to - step)
        return true
      case 'ArrowRight':
        this.#show(from + step, to + step)
        return true
      case 'ArrowUp':
        this.#scroll(-4)
        return true
      case 'ArrowDown':
        this.#scroll(4)
        return true
      case 'Home':
        this.#show(0, this.#end)
        return true
      default:
        return false
    }
  }

  #zoom(factor: number, around: number): void {
    const { from, to } = this.#view
    this.#show(around - (around - from) * factor, around + (to - around) * factor)
  }

  /** As near to the asked view as there is something to see. */
  #show(from: number, to: number): void {
    const span = Math.min(this.#end, Math.max(SPAN_MIN, to - from))
    const middle = (from + to) / 2
    const first = Math.min(Math.max(0, middle - span / 2), this.#end - span)
    this.#view.from = first
    this.#view.to = first + span
    this.#sketch.draw()
    this.#tell()
  }

  #scroll(rows: number): void {
    const most = Math.max(0, this.#rows.length - this.#rowsInView())
    this.#view.firstRow = Math.min(most, Math.max(0, this.#view.firstRow + rows))
    this.#sketch.draw()
    this.#tell()
  }

  #rowsInView(): number {
    return Math.min(this.#rows.length, Math.floor((this.#height - AXIS) / this.#view.rowHeight))
  }

  #timeAt(x: number): number {
    const { from, to } = this.#view
    return from + ((Math.max(LABELS, x) - LABELS) / Math.max(1, this.#width - LABELS)) * (to - from)
  }

  #tell(): void {
    const { from, to, firstRow } = this.#view
    const last = firstRow + this.#rowsInView() - 1
    const step = (to - from) / 100
    this.#status.textContent = `${exactTime(from, step)} to ${exactTime(to, step)}, CPUs ${firstRow} to ${last} of ${this.#rows.length}`
  }

  /** What is under the pointer. */
  #tellOf(x: number, y: number): void {
    const { firstRow, rowHeight } = this.#view
    const row = this.#rows[firstRow + Math.floor((y - AXIS) / rowHeight)]
    if (row === undefined || y < AXIS || x < LABELS) return
    const isUpper = (y - AXIS) % rowHeight < rowHeight / 2
    const at = this.#timeAt(x)
    const slack = (this.#view.to - this.#view.from) / Math.max(1, this.#width - LABELS)
    const lists = isUpper ? row.waits : row.holds
    const found = lists.flatMap((intervals, i) => {
      const interval = intervals.find(
        ([begin, length]) => begin - slack <= at && begin + length + slack >= at,
      )
      return interval === undefined ? [] : [`${this.#classes[i]} ${intervalText(interval)}`]
    })
    const does = isUpper ? 'waits for' : 'holds'
    this.#status.textContent = `CPU ${row.cpu} at ${exactTime(at, slack)}: ${found.length === 0 ? `${does} nothing` : `${does} ${found.join('; ')}`}`
  }

  #paint({ context, colours, width, height }: Drawing): void {
    this.#width = width
    const { from, to, firstRow, rowHeight } = this.#view
    context.clearRect(0, 0, width, height)
    const scale = (width - LABELS) / (to - from)
    this.#paintAxis(context, colours.muted, colours.line, { width, height, scale })
    const rows = this.#rows.slice(firstRow, firstRow + this.#rowsInView())
    const labelEvery = Math.ceil(13 / rowHeight)
    rows.forEach((row, i) => {
      const top = AXIS + i * rowHeight
      context.globalAlpha = 1
      context.fillStyle = colours.muted
      if (i % labelEvery === 0)
        context.fillText(`CPU ${row.cpu}`, 0, top + Math.max(10, rowHeight / 2 + 4))
      const half = (rowHeight - 1) / 2
      const paint = (
        intervals: readonly TimelineInterval[],
        k: number,
        y: number,
        high: number,
      ): void =>
        this.#paintIntervals(
          context,
          intervals,
          { colour: this.#colour(colours.series, k), ground: colours.surface },
          { top: y, height: high, scale },
        )
      row.waits.forEach((each, k) => paint(each, k, top, half))
      // locks that are taken while others are held are drawn on them, less high
      OUTER_FIRST.forEach((key, depth) => {
        const k = this.#classes.indexOf(key)
        paint(row.holds[k] ?? [], k, top + half, half * (1 - depth * NARROWER))
      })
    })
    context.globalAlpha = 0.2
    if (this.#drag !== undefined) {
      const x = LABELS + (Math.min(this.#drag.from, this.#drag.to) - from) * scale
      context.fillStyle = colours.text
      context.fillRect(x, 0, Math.abs(this.#drag.to - this.#drag.from) * scale, height)
    }
    context.globalAlpha = 1
  }

  #colour(series: readonly string[], lockClass: number): string {
    return series[colourOf(this.#classes[lockClass])] ?? 'gray'
  }

  #paintAxis(
    context: CanvasRenderingContext2D,
    muted: string,
    line: string,
    { width, height, scale }: { width: number; height: number; scale: number },
  ): void {
    const { from, to } = this.#view
    const step = niceStep((to - from) / Math.max(2, Math.floor((width - LABELS) / 110)))
    context.globalAlpha = 1
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      const x = LABELS + (at - from) * scale
      context.fillStyle = line
      context.fillRect(x, AXIS - 4, 1, height - AXIS + 4)
      context.fillStyle = muted
      const text = exactTime(at, step)
      const left = Math.min(x + 3, width - context.measureText(text).width)
      context.fillText(text, left, 11)
    }
  }

  /** Neighbours within a pixel are drawn once. */
  #paintIntervals(
    context: CanvasRenderingContext2D,
    intervals: readonly TimelineInterval[],
    { colour, ground }: { colour: string; ground: string },
    { top, height, scale }: { top: number; height: number; scale: number },
  ): void {
    const { from, to } = this.#view
    let filledTo = -1
    for (let i = firstEndingAfter(intervals, from); i < intervals.length; i++) {
      const [begin, length, , busy] = intervals[i] as TimelineInterval
      if (begin > to) break
      const x = LABELS + (Math.max(begin, from) - from) * scale
      const wide = Math.max(1, (Math.min(begin + length, to) - Math.max(begin, from)) * scale)
      if (x + wide <= filledTo) continue
      const busyPart = length === 0 ? 1 : busy / length
      context.globalAlpha = 1
      if (busyPart < 1) {
        // pale, not mixed with what is below it
        context.fillStyle = ground
        context.fillRect(x, top, wide, Math.max(1, height))
        context.globalAlpha = 0.25 + 0.75 * busyPart
      }
      context.fillStyle = colour
      context.fillRect(x, top, wide, Math.max(1, height))
      filledTo = x + wide
    }
  }
}

/** Intervals of a class do not overlap, so their ends are in order too. */
function firstEndingAfter(intervals: readonly TimelineInterval[], at: number): number {
  let [low, high] = [0, intervals.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const [begin, length] = intervals[middle] as TimelineInterval
    if (begin + length < at) low = middle + 1
    else high = middle
  }
  return low
}

function intervalText([begin, length, count, busy]: TimelineInterval): string {
  const whole = `${timeText(length)} from ${timeText(begin)} on`
  return count === 1 ? whole : `${countText(count)} times within ${whole}, ${timeText(busy)} in all`
}

/** A time with as many decimals as tell it from one that is `step` away. */
function exactTime(ns: number, step: number): string {
  const unit = ns >= 1e9 ? 1e9 : ns >= 1e6 ? 1e6 : ns >= 1e3 ? 1e3 : 1
  const decimals = Math.min(9, Math.max(0, Math.ceil(Math.log10(unit / Math.max(step, 1)))))
  return `${(ns / unit).toFixed(decimals)} ${UNITS[unit]}`
}

const UNITS: Readonly<Record<number, string>> = { 1: 'ns', 1e3: 'µs', 1e6: 'ms', 1e9: 's' }

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)))
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10)
}

/** Index of a lock class's colour. */
function colourOf(name: string | undefined): number {
  return Object.entries(LOCK_COLOURS).find(([key]) => key === name)?.[1] ?? 8
}
