/**
 * A walk over a syntax tree that knows the parents of each node.
 */

import type { Node } from 'oxc-parser'

/**
 * Calls `visit` for every node below `root`, parents before children; `parents` holds the nearest last. A node that it
 * answers with 'skip' is not entered.
 */
export function walk(
  root: Node,
  visit: (node: Node, parents: readonly Node[]) => 'skip' | undefined | void,
): void {
  const parents: Node[] = []
  const enter = (node: Node): void => {
    if (visit(node, parents) === 'skip') return
    parents.push(node)
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) {
        for (const each of value) if (isNode(each)) enter(each)
      } else if (isNode(value)) enter(value)
    }
    parents.pop()
  }
  enter(root)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
