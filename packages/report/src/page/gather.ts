/**
 * The batches of one gather as they were filled: a square for each slot, the darker the more pages its range has; a
 * slider goes through the time until the gather was flushed.
 */
import type { TimelineGather } from '@mmgather/core'
import { countText, timeText } from '../numbers.ts'
import type { RunData } from '../report-data.ts'
import { type Drawing, sketch } from './canvas.ts'
import { choice, el } from './dom.ts'

const SQUARE = 11
const GAP = 2
const TITLE = 20
const STEPS = 1000

export function gatherPicture({ timeline }: RunData): HTMLElement | undefined {
  const gathers = timeline?.gathers ?? []
  const [first] = gathers
  if (first === undefined) return undefined
  const place = el('div')
  const show = (gather: TimelineGather): void => place.replaceChildren(pictureOf(gather))
  show(first)
  const names = gathers.map(
    ({ cpu, flushedNs }, i) => `${i + 1}: CPU ${cpu}, flushed at ${timeText(flushedNs)}`,
  )
  const which =
    gathers.length > 1
      ? el(
          'div',
          { class: 'controls' },
          choice('Gather', names, 0, (i) => show(gathers[i] as TimelineGather)),
        )
      : undefined
  const flushes = timeline?.flushes ?? 0
  const note = `${countText(flushes)} gather${flushes === 1 ? ' was' : 's were'} flushed in this run${flushes > gathers.length ? `; the first ${gathers.length === 1 ? 'one' : gathers.length} of a CPU ${gathers.length === 1 ? 'is' : 'are'} drawn` : ''}.`
  return el('div', {}, which, place, el('p', { class: 'note' }, note))
}

function pictureOf(gather: TimelineGather): HTMLElement {
  const { batches, flushedNs, cpu } = gather
  const begin = batches[0]?.filledNs[0] ?? 0
  const hasCounts = batches.some(({ pages }) => pages.includes(0))
  const pagesMax = Math.max(...batches.flatMap(({ pages }) => pages), 1)
  let until = flushedNs
  const status = el('p', { class: 'status', 'aria-live': 'polite' })
  const drawing = sketch(
    (width) => heightFor(gather, width),
    {
      role: 'img',
      class: 'gather',
      'aria-label': `Batches of a gather of CPU ${cpu}; in words below.`,
    },
    (on) => paint(gather, until, pagesMax, on),
  )
  const slider = el('input', {
    type: 'range',
    min: 0,
    max: STEPS,
    value: STEPS,
    'aria-label': 'Time',
  })
  const tell = (): void => {
    until = begin + ((flushedNs - begin) * Number(slider.value)) / STEPS
    drawing.draw()
    status.textContent = stateText(gather, until)
    slider.setAttribute('aria-valuetext', timeText(until))
  }
  slider.addEventListener('input', tell)
  tell()
  return el(
    'figure',
    {},
    el(
      'figcaption',
      {},
      pagesMax > 1
        ? `A square is a slot: the darker, the more pages it stands for (up to ${pagesMax}).${hasCounts ? ' A pale one holds the number of pages of the one before it.' : ''}`
        : 'A square is a slot: one page.',
      ' Move the slider to see the batches fill.',
    ),
    el('label', { class: 'slider' }, el('span', {}, 'Time'), slider),
    status,
    drawing.canvas,
  )
}

function heightFor({ batches }: TimelineGather, width: number): number {
  const perLine = squaresPerLine(width)
  return batches.reduce(
    (sum, { pages }) => sum + TITLE + Math.ceil(pages.length / perLine) * (SQUARE + GAP) + 8,
    0,
  )
}

function squaresPerLine(width: number): number {
  return Math.max(1, Math.floor(width / (SQUARE + GAP)))
}

function paint(
  gather: TimelineGather,
  until: number,
  pagesMax: number,
  { context, colours, width, height }: Drawing,
): void {
  const square = SQUARE + GAP
  const perLine = squaresPerLine(width)
  context.clearRect(0, 0, width, height)
  let top = 0
  gather.batches.forEach(({ pages, filledNs }, number) => {
    context.fillStyle = colours.muted
    const filled = filledNs.filter((ns) => ns <= until).length
    const name = number === 0 ? 'local batch' : `batch page ${number}`
    context.fillText(
      `${name}: ${countText(filled)} of ${countText(pages.length)} slots`,
      0,
      top + 13,
    )
    top += TITLE
    pages.forEach((count, i) => {
      const x = (i % perLine) * square
      const y = top + Math.floor(i / perLine) * square
      const isFilled = (filledNs[i] ?? 0) <= until
      context.fillStyle = isFilled ? rampColour(colours.ramp, count, pagesMax) : colours.line
      context.globalAlpha = isFilled ? 1 : 0.4
      context.fillRect(x, y, SQUARE, SQUARE)
    })
    context.globalAlpha = 1
    top += Math.ceil(pages.length / perLine) * square + 8
  })
}

/** By the logarithm of the pages. */
function rampColour(ramp: readonly string[], pages: number, pagesMax: number): string {
  if (pages === 0) return ramp[1] ?? 'gray'
  if (pagesMax <= 1) return ramp[3] ?? 'gray'
  const level = Math.log2(Math.max(1, pages)) / Math.log2(pagesMax)
  return ramp[Math.min(ramp.length - 1, 2 + Math.round(level * (ramp.length - 3)))] ?? 'gray'
}

function stateText({ batches }: TimelineGather, until: number): string {
  let slots = 0
  let pages = 0
  let used = 0
  for (const batch of batches) {
    const filled = batch.filledNs.filter((ns) => ns <= until).length
    slots += filled
    if (filled > 0) used++
    for (let i = 0; i < filled; i++) pages += batch.pages[i] ?? 0
  }
  return `At ${timeText(until)}: ${countText(slots)} slots with ${countText(pages)} pages in ${used} of ${batches.length} batches`
}
