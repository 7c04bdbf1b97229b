/**
 * Intervals of a timeline as short lists of numbers, since a page may have tens of thousands.
 *
 * From the end of the one before, an interval is `gap, length`; one that stands for several is `gap, -length, count, busy`.
 */
import type { Timeline, TimelineInterval } from '@mmgather/core'
import type { TimelineData } from './report-data.ts'

export function packTimeline({ cpus, resolutionNs, gathers, flushes }: Timeline): TimelineData {
  const packed = cpus.map(({ waits, holds }) => ({
    waits: waits.map(packIntervals),
    holds: holds.map(packIntervals),
  }))
  return { cpus: packed, resolutionNs, gathers, flushes }
}

export function packIntervals(intervals: readonly TimelineInterval[]): number[] {
  const numbers: number[] = []
  let end = 0
  for (const [begin, length, count, busy] of intervals) {
    if (count === 1) numbers.push(begin - end, length)
    else numbers.push(begin - end, -length, count, busy)
    end = begin + length
  }
  return numbers
}

export function unpackIntervals(numbers: readonly number[]): TimelineInterval[] {
  const intervals: TimelineInterval[] = []
  let end = 0
  for (let i = 0; i < numbers.length; ) {
    const begin = end + (numbers[i++] as number)
    const length = numbers[i++] as number
    // several intervals that are one are never all empty
    if (length < 0) {
      intervals.push([begin, -length, numbers[i++] as number, numbers[i++] as number])
      end = begin - length
    } else {
      intervals.push([begin, length, 1, length])
      end = begin + length
    }
  }
  return intervals
}
