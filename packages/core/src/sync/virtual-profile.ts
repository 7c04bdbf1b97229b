/**
 * Where virtual time goes by function: a tree of calls with the cycles spent in each, kept while profiled text runs.
 *
 * Each CPU has its own stack; the trees of all CPUs are one. A function's own cycles are those that its CPU's clock moved
 * while it was the innermost, waiting for locks included. Invariant: entries and exits pair up, also across suspensions.
 */

import { nowCycles, self } from './virtual-clock.ts'

export interface ProfileNode {
  readonly name: string
  readonly parent: ProfileNode | undefined
  readonly children: Map<string, ProfileNode>
  /** Cycles in the function itself. */
  own: number
  calls: number
}

function node(name: string, parent: ProfileNode | undefined): ProfileNode {
  return { name, parent, children: new Map(), own: 0, calls: 0 }
}

let root: ProfileNode = node('all', undefined)
let current: ProfileNode[] = []
let since: Float64Array = new Float64Array(0)

/** An empty tree, for CPUs that start at these clocks. Its root stands for what runs their programs. */
export function bindVirtualProfile(startCycles: Float64Array): ProfileNode {
  root = node('all', undefined)
  current = Array.from({ length: startCycles.length }, () => root)
  since = startCycles.slice()
  return root
}

/** The running CPU enters a function. */
export function enter(name: string): void {
  const caller = settle()
  let called = caller.children.get(name)
  if (called === undefined) {
    called = node(name, caller)
    caller.children.set(name, called)
  }
  called.calls++
  current[self] = called
}

/** It leaves the innermost one. */
export function leave(): void {
  const left = settle()
  current[self] = left.parent ?? root
}

/** Gives the innermost function the cycles since the last event of this CPU. */
function settle(): ProfileNode {
  const innermost = current[self] as ProfileNode
  const now = nowCycles()
  innermost.own += now - (since[self] as number)
  since[self] = now
  return innermost
}
