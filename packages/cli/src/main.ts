#!/usr/bin/env node
/**
 * Entry of the `mmgather` command: refuses a Node that is too old with a sentence instead of a syntax error, then hands
 * over. Everything else is imported after that check, and as late as possible.
 */
import process from 'node:process'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `error: Node ${process.versions.node} is too old; mmgather needs Node 22.12 or newer\n`,
  )
  process.exitCode = 2
} else {
  const { main } = await import('./cli.ts')
  await main(process.argv.slice(2))
}
