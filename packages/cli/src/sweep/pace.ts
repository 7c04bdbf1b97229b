/**
 * How fast points are finished, and how long the others will take: as long as those that are done, by their estimated cost.
 */
import { timeText } from '../report/units.ts'

export interface Pace {
  /** So many points of this cost together are finished. */
  done(points: number, cost: number): { fraction: number; perSecond: string; left: string }
}

export function startPace(costs: readonly number[]): Pace {
  const total = costs.reduce((sum, cost) => sum + cost, 0)
  const started = performance.now()
  let finished = 0
  let spent = 0
  return {
    done: (points, cost) => {
      finished += points
      spent += cost
      const elapsedMs = performance.now() - started
      const fraction = total === 0 ? finished / costs.length : spent / total
      const perSecond = (finished / elapsedMs) * 1000
      return {
        fraction,
        perSecond: perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond)),
        left: fraction === 0 ? '?' : durationText((elapsedMs / fraction) * (1 - fraction)),
      }
    },
  }
}

/** `12 s`, `3 min`, `2 h 5 min`. */
export function durationText(ms: number): string {
  if (ms < 1000) return timeText(ms * 1e6)
  const seconds = Math.round(ms / 1000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 100) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
