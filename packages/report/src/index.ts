/**
 * @mmgather/report: what runs and sweeps have shown, as one HTML file that needs no network. Pictures: see
 * `@mmgather/report/picture`, which loads the chart library.
 */
export { type ReportSource, reportData } from './collect.ts'
export { reportHtml } from './html.ts'
export {
  type AxisValue,
  type ComparedCell,
  type ComparisonData,
  type ComparisonRowData,
  type Metric,
  REPORT_DATA_SCHEMA,
  type ReportData,
  type RunData,
  type SweepAxis,
  type SweepCell,
  type SweepData,
} from './report-data.ts'
export type { RunInput } from './run-data.ts'
export type { SweepInput } from './sweep-data.ts'
export { fitUsl, type CurvePoint, type UslFit, uslAt } from './usl.ts'
