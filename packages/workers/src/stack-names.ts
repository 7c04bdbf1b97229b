/**
 * The functions a CPU was in when it threw, read from the stack of the error: what it "was doing".
 *
 * The main thread reads it, once the CPUs have left and only if somebody is told. A frame of compiled kernel text stands for several functions, those that were inlined among them, and its place in the
 * text is known.
 */

import { type KernelFrame, kernelFrames, type KernelModule } from '@mmgather/core'

/** What a CPU was doing when it left a run. */
export interface Doing {
  /** The functions it was in, innermost first. */
  names: string[]
  /** The place in the kernel text, as `file:line:column`, if it is known. */
  at?: string
}

/** The kernel text begins below this function. */
const OUTERMOST = 'cpuMain'
const NAMES_MAX = 8
/** `at name (place)`; a member of a strategy is called as `at Object.name [as member] (place)`. */
const FRAME = /^\s+at (?:new |Object\.)?([\w$.]+)(?: \[as \w+\])? \(/
/** A name that two modules of a bundle have. */
const NUMBERED = /\$\d+$/
/** Primitives are not where something went wrong, but whoever called them. */
const PRIMITIVES = /\/src\/(?:sync|machine)\//

/**
 * Functions, innermost first, up to the one that a CPU runs, and the place in the text where the kernel knows it.
 * @param kernel - what the CPU ran; undefined: the JavaScript.
 */
export function whatItDid(stack: string, kernel: KernelModule | undefined): Doing {
  const names: string[] = []
  let place: KernelFrame | undefined
  for (const line of stack.split('\n')) {
    const frames = kernel === undefined ? [] : kernelFrames(kernel, line)
    place ??= frames.find(({ file }) => !PRIMITIVES.test(file))
    const name = FRAME.exec(line)?.[1]?.replace(NUMBERED, '')
    if (frames.length > 0) names.push(...frames.map((frame) => frame.name))
    else if (name !== undefined) names.push(name)
  }
  const outermost = names.indexOf(OUTERMOST)
  const kept = names.slice(0, outermost < 0 ? names.length : outermost).slice(0, NAMES_MAX)
  if (place === undefined) return { names: kept }
  return { names: kept, at: `${place.file}:${place.line}:${place.column}` }
}

/** `, in foliosPutRefs < tlbBatchFlush < exitMmap, at file:line:column`, or '' if nothing is known. */
export function formatDoing({ names, at }: Doing): string {
  if (names.length === 0) return ''
  return `, in ${names.join(' < ')}${at === undefined ? '' : `, at ${at}`}`
}
