/**
 * A canvas as wide as the page lets it be, sharp on dense screens, drawn again when its width or the colours change.
 */
import { el } from './dom.ts'
import { type Colours, colours, drawThemed } from './theme.ts'

export interface Drawing {
  context: CanvasRenderingContext2D
  colours: Colours
  width: number
  height: number
}

export interface Sketch {
  readonly canvas: HTMLCanvasElement
  draw(): void
}

/** @param heightFor - the height for a width, both in pixels of the page. */
export function sketch(
  heightFor: (width: number) => number,
  attributes: Record<string, string | number>,
  paint: (drawing: Drawing) => void,
): Sketch {
  const canvas = el('canvas', attributes)
  let width = 0
  const draw = (): void => {
    const context = canvas.getContext('2d')
    if (context === null || width === 0) return
    // paper is denser than screens
    const density = Math.max(2, devicePixelRatio)
    const height = heightFor(width)
    canvas.style.height = `${height}px`
    canvas.width = Math.round(width * density)
    canvas.height = Math.round(height * density)
    context.setTransform(density, 0, 0, density, 0, 0)
    context.font = '11px system-ui, sans-serif'
    paint({ context, colours: colours(), width, height })
  }
  new ResizeObserver(([entry]) => {
    const wide = Math.round(entry?.contentRect.width ?? 0)
    if (wide === 0 || wide === width) return
    width = wide
    draw()
  }).observe(canvas)
  drawThemed(draw)
  return { canvas, draw }
}
