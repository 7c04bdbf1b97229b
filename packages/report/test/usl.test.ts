/** The Universal Scalability Law: a fit finds the law that made the data, and says nothing where it may not. */
import { fc } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'

import { FIT_POINTS_MIN, fitUsl, uslAt, type UslFit } from '../src/usl.ts'

const CPUS = [1, 2, 4, 8, 16, 32, 64, 104]

describe('the law', () => {
  test('one CPU does lambda; without sigma and kappa it is linear', () => {
    expect(uslAt({ lambda: 7, sigma: 0.3, kappa: 0.01 }, 1)).toBe(7)
    expect(uslAt({ lambda: 7, sigma: 0, kappa: 0 }, 50)).toBe(350)
  })

  test("with sigma alone it is Amdahl's: at most lambda / sigma", () => {
    expect(uslAt({ lambda: 1, sigma: 0.1, kappa: 0 }, 1e9)).toBeCloseTo(10, 5)
  })
})

describe('the fit', () => {
  test('finds the law that made the data', () => {
    const law = fc.record({
      lambda: fc.double({ min: 1, max: 1e6, noNaN: true }),
      sigma: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
      kappa: fc.double({ min: 1e-5, max: 0.02, noNaN: true }),
    })
    const check = (made: Pick<UslFit, 'lambda' | 'sigma' | 'kappa'>): void => {
      const points = CPUS.map((cpus) => ({ cpus, throughput: uslAt(made, cpus) }))
      const fit = fitUsl(points)
      expect(fit?.r2).toBeGreaterThan(0.999)
      for (const residual of fit?.residuals ?? []) expect(Math.abs(residual)).toBeLessThan(0.02)
      const peak = Math.sqrt((1 - made.sigma) / made.kappa)
      expect((fit?.peakCpus ?? 0) / peak).toBeCloseTo(1, 1)
    }
    fc.assert(fc.property(law, check), { seed: 20261125, numRuns: 60 })
  })

  test('of measured figures with noise is near the published kind of result', () => {
    // Gunther, Guerrilla Capacity Planning, table 5.1: throughput of a ray tracer over processors
    const published = [
      [1, 20],
      [4, 78],
      [8, 130],
      [12, 170],
      [16, 190],
      [20, 200],
      [24, 210],
      [28, 230],
      [32, 260],
      [48, 280],
      [64, 310],
    ]
    const fit = fitUsl(published.map(([cpus = 0, throughput = 0]) => ({ cpus, throughput })))
    expect(fit?.sigma).toBeGreaterThan(0.02)
    expect(fit?.sigma).toBeLessThan(0.08)
    expect(fit?.r2).toBeGreaterThan(0.97)
  })

  test('is the same at every try', () => {
    const points = CPUS.map((cpus) => ({ cpus, throughput: 100 * Math.sqrt(cpus) }))
    expect(fitUsl(points)).toEqual(fitUsl(points))
  })

  test('is none on too few CPU counts, however many points there are', () => {
    const few = CPUS.slice(0, FIT_POINTS_MIN - 1).flatMap((cpus) => [
      { cpus, throughput: cpus },
      { cpus, throughput: cpus + 0.1 },
    ])
    expect(fitUsl(few)).toBeUndefined()
    expect(fitUsl(CPUS.map((cpus) => ({ cpus, throughput: 0 })))).toBeUndefined()
  })

  test('of a curve that only rises has no peak within reach, and the residuals say what is left', () => {
    const points = CPUS.map((cpus) => ({ cpus, throughput: 10 * cpus }))
    const fit = fitUsl(points)
    expect(fit?.peakCpus === null || (fit?.peakCpus ?? 0) > 1000).toBe(true)
    expect(fit?.residuals).toHaveLength(CPUS.length)
  })
})
