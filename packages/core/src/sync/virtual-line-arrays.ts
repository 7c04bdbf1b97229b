/**
 * The state of every cache line in virtual time. Who has a line stands beside each of its words, because it is asked at
 * every access and seldom changes; all else is one element a line.
 *
 * A module of its own because a thread that works on one machine has these as constants of its scope, which makes every
 * access to memory cheaper (see the bundle of the virtual engine's thread).
 */

/** By word: who has its line, see virtual-lines.ts. The same for all words of a line. */
export let states: Int16Array = new Int16Array(0)
/** Number + 1 of the CPU that the line is private to; 0: nobody was named; -1: several were. */
export let privateTo: Int16Array = new Int16Array(0)
/** Until when the line is on its way from one CPU to another. */
export let busyUntil: Float64Array = new Float64Array(0)
/** The clock at which the last transfer that keeps it busy was asked for. */
export let requestedAt: Float64Array = new Float64Array(0)

/** Arrays for so many words and lines, all 0. */
export function bindLineArrays(words: number, lines: number): void {
  states = new Int16Array(words)
  privateTo = new Int16Array(lines)
  busyUntil = new Float64Array(lines)
  requestedAt = new Float64Array(lines)
}
