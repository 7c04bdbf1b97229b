/**
 * What of @mmgather/core a strategy file is derived against: what its text is to files of users, and the addresses of the
 * modules that this process runs.
 *
 * Invariant: a module under one of these addresses is the one that `import '@mmgather/core'` brings in here, not a copy.
 */

import type { KernelParts, ShippedText } from '@mmgather/core/forms'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const IN_REPOSITORY = 'packages/core/src/'
const NEEDED = /^(?:api|kernel|machine|mm|sync)\/.*\.ts$/

/** What users' files are checked and derived against: as the build of core wrote it down; from source, from its texts. */
export async function shippedText(): Promise<ShippedText> {
  const built = builtFile('shipped.json')
  if (existsSync(built)) return JSON.parse(readFileSync(built, 'utf8')) as ShippedText
  const { describeShipped } = await import('@mmgather/core/forms')
  return describeShipped(coreTexts())
}

/** The functions of the kernel that the build of core compiled for all strategies; undefined: from source. */
export function kernelParts(): KernelParts | undefined {
  const built = builtFile('kernel-parts.json')
  if (!existsSync(built)) return undefined
  const index = JSON.parse(readFileSync(built, 'utf8')) as KernelParts['index']
  return { index, bytes: readFileSync(builtFile('kernel-parts.bin')) }
}

/** A file that the build writes beside the module that is asked about; there is none from source. */
function builtFile(name: string): URL {
  return new URL(name, import.meta.resolve('@mmgather/core/forms'))
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

let index: string | undefined

/** Where a module of core, named by its source, is imported from. */
export function coreUrl(file: string): string {
  index ??= import.meta.resolve('@mmgather/core')
  const path = file.slice(IN_REPOSITORY.length)
  return new URL(index.endsWith('.ts') ? path : path.replace(/\.ts$/, '.js'), index).href
}
