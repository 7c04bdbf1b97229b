/**
 * The hot paths that are benchmarked, in the order of a teardown.
 */
import { buddyPath } from './buddy.ts'
import type { HotPath, HotPathVariant } from './hot-path.ts'
import { locksPath } from './locks.ts'
import { releasePath } from './release.ts'
import { rmapPath } from './rmap.ts'
import { zapPath } from './zap.ts'

export const HOT_PATHS: readonly HotPath[] = [zapPath, rmapPath, releasePath, buddyPath, locksPath]

export function findVariant(path: string, variant: string): HotPathVariant {
  const found = HOT_PATHS.find(({ name }) => name === path)?.variants.find(
    ({ name }) => name === variant,
  )
  if (found === undefined) throw new RangeError(`no hot path ${path}: ${variant}`)
  return found
}
