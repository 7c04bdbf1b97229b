/**
 * Paths of values in a scenario, and how they are written: `processes[0].vmas[1].pages`.
 */

export type PathSegment = string | number

/** `['processes', 0, 'memcg']` as `processes[0].memcg`. */
export function formatPath(path: readonly PathSegment[]): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else text += text === '' ? segment : `.${segment}`
  }
  return text
}
