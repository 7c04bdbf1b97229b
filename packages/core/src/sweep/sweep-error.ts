/**
 * What is wrong with a sweep: its file, its axes, a value of one.
 */
import { formatScenarioIssue, type ScenarioIssue } from '../scenario/errors.ts'

/** Thrown for a sweep that cannot be used, with all that is wrong with it, an issue a line. */
export class SweepError extends Error {
  override readonly name = 'SweepError'
  readonly issues: readonly ScenarioIssue[]
  /** Where the text came from, as given to `parseSweepText`. */
  readonly source: string | undefined

  constructor(issues: readonly ScenarioIssue[], source?: string) {
    super(issues.map((issue) => formatScenarioIssue(issue, source)).join('\n'))
    this.issues = issues
    this.source = source
  }
}
