/**
 * The files of @mmgather/core that a strategy file is derived against: its sources, which the package ships, and the
 * addresses of the modules that this process runs.
 *
 * Invariant: a module under one of these addresses is the one that `import '@mmgather/core'` brings in here, not a copy.
 */

import { readdirSync, readFileSync } from 'node:fs'

const IN_REPOSITORY = 'packages/core/src/'
const NEEDED = /^(?:api|kernel|machine|mm|sync)\/.*\.ts$/

/** The texts that users' files are checked and derived against, as `packages/core/src/...`. */
export function coreTexts(): Map<string, string> {
  const src = new URL('src/', import.meta.resolve('@mmgather/core/package.json'))
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => NEEDED.test(file))
  return new Map(
    files.sort().map((file) => [IN_REPOSITORY + file, readFileSync(new URL(file, src), 'utf8')]),
  )
}

/** Where a module of core, named by its source, is imported from. */
export function coreUrl(file: string): string {
  const index = import.meta.resolve('@mmgather/core')
  const path = file.slice(IN_REPOSITORY.length)
  return new URL(index.endsWith('.ts') ? path : path.replace(/\.ts$/, '.js'), index).href
}
