/**
 * Vitest reporter that keeps the true numbers of a run: writes them as JSON to the file named by
 * MMGATHER_TEST_SUMMARY, from which `npm test` prints its last line.
 *
 * A test file that could not be loaded and an error outside any test each count as one failure.
 */
import { writeFileSync } from 'node:fs'

import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** `failed` includes `outside`: files that could not be loaded, and errors that no test raised. */
export type Summary = { passed: number; failed: number; skipped: number; outside: number }

type ModuleView = Pick<TestModule, 'children' | 'errors' | 'state'>

export function summarise(modules: readonly ModuleView[], outsideErrors: number): Summary {
  const summary = { passed: 0, failed: outsideErrors, skipped: 0, outside: outsideErrors }
  for (const module of modules) {
    let failedHere = 0
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') summary.passed++
      else if (state === 'failed') failedHere++
      else summary.skipped++
    }
    // Errors outside tests (import, hooks of the file) fail a module without failing a test.
    if (failedHere === 0 && (module.state() === 'failed' || module.errors().length > 0)) {
      failedHere = 1
      summary.outside++
    }
    summary.failed += failedHere
  }
  return summary
}

class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const file = process.env['MMGATHER_TEST_SUMMARY']
    if (file !== undefined) writeFileSync(file, JSON.stringify(summarise(modules, errors.length)))
  }
}

// Vitest loads a reporter by its default export.
export default SummaryReporter
