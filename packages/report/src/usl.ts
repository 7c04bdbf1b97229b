/**
 * The Universal Scalability Law (Gunther, "Guerrilla Capacity Planning", 2007) fitted to a curve of throughput over CPUs:
 *
 *   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
 *
 * sigma is the part that is serial (waiting for locks), kappa what every CPU has to do with every other (lines that
 * travel). Fitted by Levenberg and Marquardt's method on data scaled to 1, from a start that the data itself gives. No fit
 * is made on fewer than FIT_POINTS_MIN CPU counts, and nothing is said beyond the largest but where the peak would lie.
 */
import { levenbergMarquardt } from 'ml-levenberg-marquardt'

export const FIT_POINTS_MIN = 6

export interface CurvePoint {
  cpus: number
  throughput: number
}

export interface UslFit {
  lambda: number
  sigma: number
  kappa: number
  /** CPUs at which the law has its peak; null: it has none. */
  peakCpus: number | null
  /** Share of the variance that the law explains. */
  r2: number
  /** (measured - fitted) / fitted, in the order of the points. */
  residuals: number[]
}

/** Throughput by the law. */
export function uslAt(
  { lambda, sigma, kappa }: Pick<UslFit, 'lambda' | 'sigma' | 'kappa'>,
  cpus: number,
): number {
  return (lambda * cpus) / (1 + sigma * (cpus - 1) + kappa * cpus * (cpus - 1))
}

/** Points of a drawn line. */
const STEPS = 60

/** The law as a line, its points evenly along the logarithm. */
export function uslLine(
  fit: UslFit,
  from: number,
  to: number,
): [cpus: number, throughput: number][] {
  return Array.from({ length: STEPS + 1 }, (_, i) => {
    const cpus = from * (to / from) ** (i / STEPS)
    return [cpus, uslAt(fit, cpus)]
  })
}

/** Undefined: too few different CPU counts, or nothing was done. */
export function fitUsl(points: readonly CurvePoint[]): UslFit | undefined {
  const used = points.filter(({ throughput }) => throughput > 0)
  if (new Set(used.map(({ cpus }) => cpus)).size < FIT_POINTS_MIN) return undefined
  const scale = Math.max(...used.map(({ throughput }) => throughput))
  const x = used.map(({ cpus }) => cpus)
  const y = used.map(({ throughput }) => throughput / scale)
  const perCpu = Math.max(...used.map(({ cpus, throughput }) => throughput / scale / cpus))
  const fits = STARTS.map(([sigma, kappa]) => {
    const { parameterValues, parameterError } = levenbergMarquardt(
      { x, y },
      ([lambda = 0, s = 0, k = 0]) =>
        (cpus) =>
          uslAt({ lambda, sigma: s, kappa: k }, cpus),
      {
        initialValues: [perCpu, sigma, kappa],
        minValues: [perCpu / 100, 0, 0],
        maxValues: [perCpu * 100, 1, 1],
        gradientDifference: [perCpu * 1e-4, 1e-5, 1e-8],
        damping: 0.01,
        maxIterations: 300,
        errorTolerance: 1e-10,
      },
    )
    return { parameters: parameterValues, error: parameterError }
  })
  const [best] = fits.toSorted((a, b) => a.error - b.error)
  const [lambda = 0, sigma = 0, kappa = 0] = best?.parameters ?? []
  return describeFit(used, { lambda: lambda * scale, sigma, kappa })
}

/** sigma and kappa to start from: hardly any contention, some, much. */
const STARTS = [
  [0.001, 0],
  [0.05, 0.0001],
  [0.5, 0.01],
] as const

function describeFit(
  points: readonly CurvePoint[],
  law: Pick<UslFit, 'lambda' | 'sigma' | 'kappa'>,
): UslFit {
  const { sigma, kappa } = law
  const mean = points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length
  let total = 0
  let left = 0
  const residuals = points.map(({ cpus, throughput }) => {
    const fitted = uslAt(law, cpus)
    total += (throughput - mean) ** 2
    left += (throughput - fitted) ** 2
    return (throughput - fitted) / fitted
  })
  // below this kappa the peak lies beyond any machine
  const hasPeak = kappa > 1e-9 && sigma < 1
  return {
    ...law,
    peakCpus: hasPeak ? Math.sqrt((1 - sigma) / kappa) : null,
    r2: total === 0 ? 1 : 1 - left / total,
    residuals,
  }
}
