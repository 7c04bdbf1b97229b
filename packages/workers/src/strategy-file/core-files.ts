/**
 * What of @mmgather/core a strategy file is derived against: what its text is to files of users, and the addresses of the
 * modules that this process runs.
 *
 * Invariant: a module under one of these addresses is the one that `import '@mmgather/core'` brings in here, not a copy.
 */

import type { ShippedText } from '@mmgather/core/forms'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const IN_REPOSITORY = 'packages/core/src/'
const NEEDED = /^(?:api|kernel|machine|mm|sync)\/.*\.ts$/

/** What users' files are checked and derived against: as the build of core wrote it down; from source, from its texts. */
export async function shippedText(): Promise<ShippedText> {
  const built = new URL('shipped.json', import.meta.resolve('@mmgather/core/forms'))
  if (existsSync(built)) return JSON.parse(readFileSync(built, 'utf8')) as ShippedText
  const { describeShipped } = await import('@mmgather/core/forms')
  return describeShipped(coreTexts())
}

/** By path, as `packages/core/src/...`. */
function coreTexts(): Map<string, string> {
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
