/**
 * Throughput over CPUs, from a sweep with an axis of CPUs or from runs that differ in them: the curves that the page draws,
 * and the law fitted to each.
 */
import type { RunData, SweepAxis, SweepCell, SweepData } from './report-data.ts'
import type { CurvePoint } from './usl.ts'

export interface Curve {
  name: string
  points: (CurvePoint & { min?: number; max?: number })[]
}

const NS_PER_MS = 1_000_000

/** Index of the axis of CPUs; -1: there is none. */
export function cpuAxis(axes: readonly SweepAxis[]): number {
  return axes.findIndex(
    ({ keys, values }) =>
      keys.includes('cpus') && values.every(({ value }) => typeof value === 'number'),
  )
}

/** A curve for each combination of the other axes, in the order of the sweep. */
export function sweepCurves({ axes, cells }: Pick<SweepData, 'axes' | 'cells'>): Curve[] {
  const along = cpuAxis(axes)
  const cpuIndex = axes[along]?.keys.indexOf('cpus') ?? -1
  if (along < 0 || cpuIndex < 0) return []
  const curves = new Map<string, Curve>()
  for (const cell of cells) {
    const name = otherNames(axes, cell, along).join(', ')
    const curve = curves.get(name) ?? { name, points: [] }
    curves.set(name, curve)
    const [throughput] = cell.medians
    const cpus = Number(axes[along]?.values[cell.at[along] as number]?.value)
    if (typeof throughput !== 'number') continue
    const [min, max] = cell.spread ?? []
    curve.points.push({
      cpus,
      throughput,
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
    })
  }
  for (const { points } of curves.values()) points.sort((a, b) => a.cpus - b.cpus)
  return [...curves.values()]
}

/** The values of a cell on all axes but one, in words: those that are words first, without the name of their axis. */
export function otherNames(
  axes: readonly SweepAxis[],
  cell: SweepCell,
  along: number,
  leftOut: ReadonlySet<number> = new Set(),
): string[] {
  const others = axes.flatMap(({ name, values }, i) => {
    if (i === along || leftOut.has(i)) return []
    const { value, text } = values[cell.at[i] as number] ?? { value: '', text: '' }
    return [
      {
        isWord: typeof value === 'string',
        text: typeof value === 'string' ? text : `${name} ${text}`,
      },
    ]
  })
  return others.toSorted((a, b) => Number(b.isWord) - Number(a.isWord)).map(({ text }) => text)
}

/** A curve for each strategy and family that there are runs of with at least two different numbers of CPUs. */
export function runCurves(runs: readonly RunData[]): Curve[] {
  const curves = new Map<string, Curve>()
  for (const { family, scenarioName, strategy, engine, cpus, teardownNs, ptesCleared } of runs) {
    if (teardownNs === null || teardownNs.median === 0) continue
    const name = `${scenarioName}, ${strategy}${engine === 'live' ? ', live' : ''}`
    const key = `${family} ${strategy}`
    const curve = curves.get(key) ?? { name, points: [] }
    curves.set(key, curve)
    const per = (ns: number): number => (ptesCleared / ns) * NS_PER_MS
    const point = { cpus, throughput: per(teardownNs.median) }
    const spread = { min: per(teardownNs.max), max: per(teardownNs.min) }
    curve.points.push(teardownNs.min === teardownNs.max ? point : { ...point, ...spread })
  }
  for (const { points } of curves.values()) points.sort((a, b) => a.cpus - b.cpus)
  return [...curves.values()].filter(
    ({ points }) => new Set(points.map(({ cpus }) => cpus)).size > 1,
  )
}
