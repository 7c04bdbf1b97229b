/**
 * Which elements a Selection picks, and how many.
 *
 * Owns the rule `i >= from and (i - from) mod every < length`; everything that populates or checks goes through here.
 */
import type { Selection } from './scenario.ts'

/** Whether the selection picks the element with this index (an integer >= 0). */
export function selectionMatches(selection: Selection, index: number): boolean {
  if (selection === 'none') return false
  if (selection === 'all') return true
  const { from, every, length } = selection
  return index >= from && (index - from) % every < length
}

/** How many of the elements 0 to n - 1 the selection picks, without visiting them. */
export function selectionCount(selection: Selection, n: number): number {
  if (selection === 'none') return 0
  if (selection === 'all') return n
  const { from, every, length } = selection
  const span = n - from
  if (span <= 0) return 0
  const whole = Math.floor(span / every)
  const width = Math.min(length, every)
  return whole * width + Math.min(span - whole * every, width)
}
