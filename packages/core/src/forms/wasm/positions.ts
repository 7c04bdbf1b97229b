/**
 * The table from places in a function's bytes to places in the text, as it is made.
 */

import type { FrameRow, FunctionPositions } from '../../lib/wasm-positions.ts'
import type { Modules } from '../modules.ts'
import type { Site } from './code.ts'
import { placesOf, type WrittenPiece } from './pieces.ts'

/** Lines and columns of places in texts. */
export class Positions {
  readonly #modules: Modules
  readonly #lineStarts = new Map<string, number[]>()

  constructor(modules: Modules) {
    this.#modules = modules
  }

  of({ file, start }: Site): readonly [line: number, column: number] {
    const known = this.#lineStarts.get(file) ?? [0]
    const starts = lineStartsUpTo(start, this.#modules.byFile.get(file)?.text ?? '', known)
    this.#lineStarts.set(file, starts)
    const line = countUpTo(starts, start)
    return [line, start - (starts[line - 1] ?? 0) + 1]
  }
}

/** Where the instructions of a function come from. @param nameOf - the name of a file. */
export function functionPositions(
  piece: WrittenPiece,
  positions: Positions,
  nameOf: (file: string) => string,
): FunctionPositions {
  const names = new Map<string, number>()
  const files = new Map<string, number>()
  const frames: FrameRow[] = []
  const known = new Map<Site, number>()
  const namesOfFiles = new Map<string, string>()
  const shown = (file: string): string => {
    const name = namesOfFiles.get(file) ?? nameOf(file)
    namesOfFiles.set(file, name)
    return name
  }
  const frameOf = (site: Site): number => {
    const before = known.get(site)
    if (before !== undefined) return before
    const outer = site.inlined === undefined ? -1 : frameOf(site.inlined)
    const [line, column] = positions.of(site)
    const row = [intern(names, site.name), intern(files, shown(site.file)), line, column] as const
    known.set(site, frames.push([...row, outer]) - 1)
    return frames.length - 1
  }
  const offsets: number[] = []
  for (const [place, at] of placesOf(piece)) offsets.push(place, frameOf(at))
  return { names: [...names.keys()], files: [...files.keys()], frames, offsets }
}

function intern(known: Map<string, number>, text: string): number {
  const index = known.get(text) ?? known.size
  known.set(text, index)
  return index
}

/** How many of ascending numbers are not above a limit. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Adds to the first places of lines those up to a place, and maybe one more. */
function lineStartsUpTo(start: number, text: string, starts: number[]): number[] {
  for (let last = starts.at(-1) ?? 0; last <= start; last = starts.at(-1) ?? 0) {
    const end = text.indexOf('\n', last)
    if (end < 0) break
    starts.push(end + 1)
  }
  return starts
}
