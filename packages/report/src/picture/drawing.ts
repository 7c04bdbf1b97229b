/**
 * What is asked of a picture, and what a chart gives to be drawn.
 */
import { PictureError } from './picture-error.ts'

export interface PictureWish {
  /**
   * `scaling`: throughput over CPUs, with the law. `figure`: any figure over an axis, lines along numbers, bars along words.
   * `time`: where the CPUs' time went, along an axis, or for each CPU of a run.
   */
  chart: 'scaling' | 'figure' | 'time'
  /** Id of a metric, for `figure`. */
  figure?: string
  /** The axis that goes across; absent: CPUs if they vary. */
  across?: string
  /** `AXIS=VALUE`: only the cells with this value. */
  at?: readonly string[]
  /** In place of what is drawn. */
  title?: string
}

/** ECharts' options. */
export type Option = Record<string, unknown>

/** What is drawn, and what is said about it. */
export interface Drawing {
  title: string
  /** The name of the axis up; it stands above it. */
  up: string
  option: Option
  /** The entries of its legend. */
  names: string[]
}

/** Curves or groups of bars that can still be told apart. */
export const CURVES_MAX = 10

/** @throws PictureError */
export function refuseTooMany(curves: number): void {
  if (curves > CURVES_MAX)
    throw new PictureError({
      field: 'sources',
      problem: `would give ${curves} curves, of which nobody can tell more than ${CURVES_MAX} apart`,
      hint: 'fix an axis',
    })
}
