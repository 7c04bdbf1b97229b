/**
 * Vitest reporter that keeps the true numbers of a run: writes them as JSON to the file named by
 * MMGATHER_TEST_SUMMARY, from which `npm test` prints its last line.
 *
 * A test file that could not be loaded and an error outside any test each count as one failure. A file that goes on for
 * minutes is named while it does: a test that loops cannot be stopped by its time limit.
 */
import { writeFileSync } from 'node:fs'
import process from 'node:process'

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

/** After so long a file is named, and again whenever so long has passed. */
const LONG_MS = 5 * 60_000

class SummaryReporter implements Reporter {
  readonly #running = new Map<TestModule, NodeJS.Timeout>()

  onTestModuleStart(module: TestModule): void {
    const start = Date.now()
    const tell = (): void => {
      const minutes = Math.round((Date.now() - start) / 60_000)
      process.stderr.write(`after ${minutes} min still running: ${module.relativeModuleId}\n`)
    }
    this.#running.set(module, setInterval(tell, LONG_MS).unref())
  }

  onTestModuleEnd(module: TestModule): void {
    clearInterval(this.#running.get(module))
    this.#running.delete(module)
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const file = process.env['MMGATHER_TEST_SUMMARY']
    if (file !== undefined) writeFileSync(file, JSON.stringify(summarise(modules, errors.length)))
  }
}

// Vitest loads a reporter by its default export.
export default SummaryReporter
