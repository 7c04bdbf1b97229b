/** Options of the benchmarks' command lines. */

/** A positive integer, or a RangeError that names the option. */
export function positive(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`--${option}: expected a positive integer, got '${text}'`)
}
