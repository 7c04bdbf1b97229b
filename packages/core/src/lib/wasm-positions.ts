/**
 * Where the instructions of compiled kernel text come from: the table in a custom section of the module, and the reading
 * of a stack trace with it.
 *
 * A frame is a function of the text and the place in it; a frame that was inlined names the frame that called it.
 * Invariant: offsets count from the first byte of the module, ascending, as V8 prints them (`wasm-function[7]:0x8d1`).
 */

/** Name of the custom section. */
export const POSITIONS_SECTION = 'mmgather.positions'
/** Of a module for virtual time: the bytes of a virtual CPU's stack, as decimal digits. */
export const STACK_SECTION = 'mmgather.stack'
/** Of an engine's module: the exported function that gives all its variables the values that they begin with. */
export const RESET_FUNCTION = 'resetVariables'

/** A function of the kernel text and the place in it that a CPU was at. */
export interface KernelFrame {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** [name, file, line, column, frame that it was inlined into or -1]; names and files by index. */
export type FrameRow = readonly [number, number, number, number, number]

/** Of each function the offset of its locals in the module, ascending, and what is within. */
export interface PositionTable {
  readonly functions: readonly (readonly [start: number, positions: FunctionPositions])[]
}

export interface FunctionPositions {
  readonly names: readonly string[]
  readonly files: readonly string[]
  readonly frames: readonly FrameRow[]
  /** Offset behind the function's start and frame, one after the other. */
  readonly offsets: readonly number[]
}

/** The kernel frames of the instruction at an offset, innermost first; none if the table does not know it. */
export function framesAt(table: PositionTable, offset: number): KernelFrame[] {
  const [start, positions] = table.functions.findLast(([first]) => first <= offset) ?? []
  if (start === undefined || positions === undefined) return []
  const { names, files, frames: rows, offsets } = positions
  const frames: KernelFrame[] = []
  const index = frameIndexAt(offsets, offset - start)
  for (let row = rows[index ?? -1]; row !== undefined; row = rows[row[4]]) {
    const [name, file, line, column] = row
    frames.push({ name: names[name] ?? '?', file: files[file] ?? '?', line, column })
  }
  return frames
}

function frameIndexAt(offsets: readonly number[], offset: number): number | undefined {
  let low = 0
  let high = offsets.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsets[middle * 2] ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return offsets[low * 2] === offset ? offsets[low * 2 + 1] : undefined
}

/** Of a stack trace's line: the offset in the module, if the line is a frame of compiled text. */
export function wasmOffset(line: string): number | undefined {
  const [, hex] = /wasm-function\[\d+\]:0x([0-9a-f]+)/.exec(line) ?? []
  return hex === undefined ? undefined : Number.parseInt(hex, 16)
}
