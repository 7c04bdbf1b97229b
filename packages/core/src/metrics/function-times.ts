/**
 * Virtual time by function and by call stack, from the tree that profiled kernel text left.
 */

import type { ProfileNode } from '../sync/virtual-profile.ts'
import type { FunctionTime } from './run-report.ts'

/** What a tree says of each function, in cycles: most exclusive time first. */
export function functionCycles(root: ProfileNode): FunctionTime[] {
  const byName = new Map<string, FunctionTime>()
  const visit = (node: ProfileNode, above: ReadonlySet<string>): number => {
    const open = new Set(above).add(node.name)
    let inclusive = node.own
    for (const child of node.children.values()) inclusive += visit(child, open)
    const sums = byName.get(node.name) ?? {
      function: node.name,
      calls: 0,
      inclusiveNs: 0,
      exclusiveNs: 0,
    }
    byName.set(node.name, sums)
    sums.calls += node.calls
    sums.exclusiveNs += node.own
    // the outermost call of a recursion stands for all of them
    if (!above.has(node.name)) sums.inclusiveNs += inclusive
    return inclusive
  }
  for (const child of root.children.values()) visit(child, new Set())
  return [...byName.values()].sort(
    (a, b) => b.exclusiveNs - a.exclusiveNs || (a.function < b.function ? -1 : 1),
  )
}

/** Call stacks in collapsed form, `a;b;c cycles`, in the order of their text. */
export function collapsedStacks(root: ProfileNode): string[] {
  const lines: string[] = []
  const visit = (node: ProfileNode, path: string): void => {
    const here = path === '' ? node.name : `${path};${node.name}`
    if (node.own > 0) lines.push(`${here} ${node.own}`)
    for (const child of node.children.values()) visit(child, here)
  }
  for (const child of root.children.values()) visit(child, '')
  return lines.sort()
}
