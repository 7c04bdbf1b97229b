/**
 * Tests: one project per package, all run from source.
 *
 * The condition `@mmgather/source` makes every package resolve to its `src`, in vitest's own module
 * graph (`resolve`, `ssr`) and in the threads and processes that tests start (`execArgv`).
 */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const SOURCE = '@mmgather/source'
const conditions = [SOURCE, 'module', 'node', 'development|production']

function project(name: string, root: string, setupFiles: string[] = []) {
  return {
    extends: true as const,
    root,
    test: { name, include: ['test/**/*.test.ts'], setupFiles },
  }
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    execArgv: [`--conditions=${SOURCE}`],
    // most files keep one core busy, and vitest leaves one free
    maxWorkers: availableParallelism(),
    // for what never ends: machines are slow now and then, and no test is about time
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 5_000,
    reporters: ['default', new URL('./scripts/summary-reporter.ts', import.meta.url).pathname],
    projects: [
      project('core', 'packages/core', [
        new URL('./scripts/no-console.ts', import.meta.url).pathname,
      ]),
      project('workers', 'packages/workers'),
      project('report', 'packages/report'),
      project('cli', 'packages/cli'),
      project('bench', 'bench'),
      project('scripts', 'scripts'),
    ],
  },
})
