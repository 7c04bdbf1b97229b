/**
 * Parsers of flag values: whole numbers within bounds, and words of a list.
 *
 * Owns the bounds that the help shows. Those of scenario values are the schema's own (a test holds the two together);
 * they are repeated here because `--help` must not load the schema.
 */
import { UsageError } from './errors.ts'

type Bounds = readonly [min: number, max: number]

export const BOUNDS = {
  cpus: [1, 1024],
  processes: [1, 100_000],
  pages: [1, 2 ** 24],
  order: [0, 10],
  share: [1, 100_000],
  lruvecs: [0, 1024],
  swapClusterMax: [1, 2 ** 20],
  seed: [0, 2 ** 31 - 1],
  runs: [1, 1_000_000],
  warmup: [0, 1_000_000],
  jitter: [0, 1_000_000_000],
  timeMax: [1, 3_600_000],
  eventsMax: [1, 1_000_000_000_000],
  traceLimit: [1, 2 ** 20],
  sampleUs: [10, 1_000_000],
  preemptions: [0, 100],
  executions: [1, 1_000_000_000_000],
  steps: [1, 1_000_000],
  time: [1, 1_000_000],
  samples: [1, 1_000_000_000],
  depth: [1, 20],
  checkJobs: [1, 64],
  seeds: [1, 1_000_000],
  jobs: [1, 1024],
  points: [1, 1_000_000],
  pid: [1, 4_194_304],
  maxPages: [1, 2 ** 32],
} as const satisfies Record<string, Bounds>

/** `1 to 1024`, for help texts. */
export function rangeText([min, max]: Bounds): string {
  return `${min} to ${max}`
}

/** A parser of decimal integers. */
export function wholeNumber(flag: string, bounds: Bounds): (text: string) => number {
  const [min, max] = bounds
  const fail = (problem: string, value: string, hint?: string): UsageError => {
    const allowed = `an integer from ${rangeText(bounds)}`
    return new UsageError({ field: flag, problem, value, allowed, ...(hint && { hint }) })
  }
  return (text) => {
    if (!/^[+-]?\d+$/.test(text)) throw fail('must be an integer', text, digitsMeant(text))
    const value = Number(text)
    if (value < min) throw fail('is too small', text)
    if (value > max) throw fail('is too large', text)
    return value + 0
  }
}

/** `write 1000` for 1e3, 1_000, 1,000 and 0x3e8. */
function digitsMeant(text: string): string | undefined {
  const plain = text.replaceAll(/[_,\s]/g, '')
  const value = Number(plain)
  return plain !== '' && Number.isSafeInteger(value) ? `write ${value}` : undefined
}

/** A parser of words. */
export function oneOf<const T extends string>(
  flag: string,
  words: readonly T[],
): (text: string) => T {
  return (text) => {
    const word = words.find((one) => one === text)
    if (word !== undefined) return word
    throw new UsageError({
      field: flag,
      problem: 'is not one of the values',
      value: text,
      allowed: `one of ${words.join(', ')}`,
      near: { written: text, known: words },
    })
  }
}

/** A parser of file names. */
export function fileName(flag: string): (text: string) => string {
  return (text) => {
    if (text !== '' && !text.includes('\0')) return text
    throw new UsageError({
      field: flag,
      problem: 'must be the name of a file',
      value: text,
      allowed: 'the path of a file that can be written',
    })
  }
}
