/**
 * The functions a thread was in when it threw, read from the stack of the error: what a CPU "was doing".
 */

/** The kernel text begins below this function. */
const OUTERMOST = 'cpuMain'
const NAMES_MAX = 8

/** Names of functions, innermost first, up to the function that a CPU runs. */
export function stackNames(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return []
  const names: string[] = []
  for (const line of error.stack.split('\n')) {
    const name = /^\s+at (?:new )?([\w$.]+) \(/.exec(line)?.[1]
    if (name === undefined) continue
    if (name === OUTERMOST) break
    names.push(name)
  }
  return names.slice(0, NAMES_MAX)
}

/** `foliosPutRefs < tlbBatchFlush < exitMmap`, or '' if nothing is known. */
export function formatStack(names: readonly string[]): string {
  return names.join(' < ')
}
