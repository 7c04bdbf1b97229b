/**
 * A walk over a syntax tree that knows the parents of each node.
 */

import { type Node, visitorKeys } from 'oxc-parser'

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
    for (const key of visitorKeys[node.type] ?? []) {
      const value = (node as unknown as Record<string, Child | Child[]>)[key]
      if (Array.isArray(value)) {
        for (const each of value) if (each) enter(each)
      } else if (value) enter(value)
    }
    parents.pop()
  }
  enter(root)
}

/** A list may have holes. */
type Child = Node | null | undefined
