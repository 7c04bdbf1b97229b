/**
 * Light, dark, or as the system has it; always light on paper. Charts ask for the colours when they are drawn and are drawn
 * again when these change.
 */
import type { Colours } from '../colours.ts'
import { choice } from './dom.ts'

export type { Colours }

const SERIES = 10
const RAMP = 5
const THEMES = ['auto', 'light', 'dark'] as const

const redraws = new Set<() => void>()

/** Calls `draw` now, and again whenever colours change. */
export function drawThemed(draw: () => void): void {
  redraws.add(draw)
  draw()
}

export function colours(): Colours {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    text: of('text'),
    muted: of('muted'),
    line: of('line'),
    surface: of('surface'),
    series: Array.from({ length: SERIES }, (_, i) => of(`series-${i}`)),
    ramp: Array.from({ length: RAMP }, (_, i) => of(`ramp-${i}`)),
  }
}

/** The choice between themes. */
export function themeChoice(): HTMLElement {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll)
  let before: string | undefined
  addEventListener('beforeprint', () => {
    before = document.documentElement.dataset['theme']
    setTheme('light')
  })
  addEventListener('afterprint', () => setTheme(before))
  return choice('Theme', THEMES, 0, (i) => setTheme(i === 0 ? undefined : THEMES[i]))
}

function setTheme(theme: string | undefined): void {
  if (theme === undefined) delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  redrawAll()
}

function redrawAll(): void {
  for (const redraw of redraws) redraw()
}
