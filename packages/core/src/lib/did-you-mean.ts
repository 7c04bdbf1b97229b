/**
 * Suggestions for mistyped names.
 */

import { distance } from 'fastest-levenshtein'

/** `did you mean X?` for the name nearest to what was written; undefined: nothing is near enough. */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  const most = Math.max(1, Math.floor(written.length / 3))
  let best: string | undefined
  let bestDistance = most + 1
  for (const name of known) {
    if (Math.abs(name.length - written.length) > most) continue
    const d = nearness(written.toLowerCase(), name.toLowerCase())
    if (d < bestDistance) {
      best = name
      bestDistance = d
    }
  }
  return best === undefined ? undefined : `did you mean ${best}?`
}

/** Edits between two words; letters in another order count as one. */
function nearness(a: string, b: string): number {
  const edits = distance(a, b)
  return edits > 1 && sorted(a) === sorted(b) ? 1 : edits
}

function sorted(word: string): string {
  return Array.from(word).sort().join('')
}
