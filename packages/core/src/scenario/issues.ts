/**
 * Issues while they are being collected: the path still in segments, so that a text's line can be looked up.
 *
 * Owns the internal form and the suggestion rule. `errors.ts` has the public form.
 */
import { didYouMean } from '../lib/did-you-mean.ts'
import type { ScenarioIssue } from './errors.ts'
import { formatPath, type PathSegment } from './path.ts'

/** An issue whose path is not yet text. */
export interface FoundIssue {
  path: readonly PathSegment[]
  message: string
  value?: unknown
  allowed?: string
  hint?: string
  /** The issue is about the key itself, not about what stands behind it. */
  atKey?: boolean
}

/** Where a field stands in a text; undefined: nowhere. */
export type Locate = (
  path: readonly PathSegment[],
  atKey: boolean,
) => { line: number; column: number } | undefined

/** The way out for text that is no scenario at all. */
export const FIRST_LINE_HINT = 'a scenario starts with the line `schema: mmgather/scenario@1`'

/** The public form of an issue, with its place if `locate` knows one. */
export function publicIssue(found: FoundIssue, locate?: Locate): ScenarioIssue {
  const { path, atKey, ...rest } = found
  return { path: formatPath(path), ...rest, ...locate?.(path, atKey === true) }
}

/** The issue of a name that refers to nothing. */
export function unknownName(
  path: readonly PathSegment[],
  what: string,
  name: string,
  known: readonly string[],
): FoundIssue {
  const shown = known.slice(0, 10).join(', ') + (known.length > 10 ? ', ...' : '')
  const hint = didYouMean(name, known)
  return {
    path,
    message: `there is no such ${what}`,
    value: name,
    ...(known.length > 0 ? { allowed: known.length > 1 ? `one of ${shown}` : shown } : {}),
    ...(hint === undefined ? {} : { hint }),
  }
}
