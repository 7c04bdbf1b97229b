/**
 * Summaries of repeated measurements: the median for what is typical, the minimum for what the code costs
 * when nothing interferes, the maximum for how much does.
 */

export interface Summary {
  median: number
  min: number
  max: number
}

export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  const lower = sorted[(sorted.length - 1) >> 1]
  const min = sorted[0]
  const max = sorted.at(-1)
  if (upper === undefined || lower === undefined || min === undefined || max === undefined) {
    throw new RangeError('no measurements to summarise')
  }
  return { median: (lower + upper) / 2, min, max }
}

/** a[i] / b[i]: what drifts from round to round does not enter a ratio within a round. */
export function ratios(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) throw new RangeError(`${a.length} measurements against ${b.length}`)
  return a.map((value, index) => {
    const other = b[index]
    if (other === undefined || other <= 0) throw new RangeError(`measurement ${index} is ${other}`)
    return value / other
  })
}
