/**
 * Entry of every npm script: from a fresh clone, with nothing but Node 20 and npm, to a running job.
 *
 * Installs the dependencies (pnpm through npx) and builds, each only when its inputs changed since the
 * last time, then runs the job under the project's own Node 24, passing on arguments, Ctrl-C and the
 * exit code. Plain JavaScript without dependencies, because it runs before anything is installed.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

import { build } from './setup/build.mjs'
import { install } from './setup/install.mjs'
import { withLock } from './setup/lock.mjs'
import { NODE, ROOT, SetupError, bin, run } from './setup/run.mjs'

const NODE_MAJOR_NEEDED = 20

/** What each npm script runs once everything is set up. */
const JOBS = {
  setup: async () => 0,
  build: async () => 0,
  start: async (args) =>
    run(NODE, [join(ROOT, 'packages/cli/dist/main.js'), ...(args.length > 0 ? args : ['run'])]),
  test: (args) => test(args),
  bench: ([which = 'macro', ...args]) => run(NODE, [`bench/src/${which}.ts`, ...args]),
  check: (args) => run(NODE, ['scripts/check.ts', ...args]),
  api: () => run(NODE, ['scripts/check.ts', 'api', '--update']),
  fix: async () =>
    (await run(bin('biome'), ['format', '--write'])) || run(bin('oxlint'), ['--fix']),
}

async function test(args) {
  const file = join(ROOT, '.cache', `test-summary-${process.pid}.json`)
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const env = { MMGATHER_TEST_SUMMARY: file, NODE_ENV: 'test' }
  const code = await run(NODE, [vitest, 'run', ...args], { env })
  let summary = { passed: 0, failed: 0, skipped: 0, outside: 0 }
  if (existsSync(file)) {
    summary = JSON.parse(readFileSync(file, 'utf8'))
    rmSync(file)
  } else {
    process.stderr.write('npm test: the test run ended without a result\n')
  }
  const { passed, failed, skipped, outside } = summary
  if (outside > 0) {
    process.stdout.write(
      `\n${outside} of the failures: a file not loaded, or an error outside tests\n`,
    )
  }
  const more = skipped > 0 ? `, ${skipped} skipped` : ''
  process.stdout.write(`\n${passed} passed, ${failed} failed${more}\n`)
  return code || (failed > 0 || passed === 0 ? 1 : 0)
}

async function main() {
  const [job = '', ...args] = process.argv.slice(2)
  if (!Object.hasOwn(JOBS, job)) {
    throw new SetupError(`usage: node scripts/setup.mjs ${Object.keys(JOBS).join('|')} [arguments]`)
  }
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_NEEDED) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: set-up needs Node ${NODE_MAJOR_NEEDED} or newer`,
    )
  }
  await withLock(async () => {
    await install()
    // Formatting must be possible while the sources do not compile, and `check` builds as its first step.
    if (!['setup', 'fix', 'check'].includes(job)) await build()
  })
  return JOBS[job](args)
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
