/**
 * The few WebAssembly instructions that the measuring loops are made of, as bytes, and a module from functions of them.
 *
 * Owns the encoding only. All values are i32, all addresses are byte addresses of an imported shared memory.
 */

/** One function: locals beyond the parameters are i32 as well. */
export interface WasmFunction {
  readonly name: string
  readonly parameters: number
  readonly locals: number
  readonly result: boolean
  readonly body: readonly number[]
}

const I32 = 0x7f
/** `\0asm`, version 1 */
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

export const get = (local: number): number[] => [0x20, local]
export const set = (local: number): number[] => [0x21, local]
export const tee = (local: number): number[] => [0x22, local]
export const constant = (value: number): number[] => [0x41, ...signed(value)]
export const DROP = 0x1a
export const ADD = 0x6a
export const SUB = 0x6b
export const XOR = 0x73
export const NE = 0x47
export const LT_U = 0x49
/** Plain access with natural alignment. */
export const load = (offset = 0): number[] => [0x28, 2, ...unsigned(offset)]
export const store = (offset = 0): number[] => [0x36, 2, ...unsigned(offset)]
export const atomicLoad = (offset = 0): number[] => [0xfe, 0x10, 2, ...unsigned(offset)]
export const atomicStore = (offset = 0): number[] => [0xfe, 0x17, 2, ...unsigned(offset)]
export const ATOMIC_ADD: readonly number[] = [0xfe, 0x1e, 2, 0]
/** One locked instruction on every machine; V8 makes a loop of the other read-modify-writes on x86. */
export const EXCHANGE: readonly number[] = [0xfe, 0x41, 2, 0]
export const COMPARE_EXCHANGE: readonly number[] = [0xfe, 0x48, 2, 0]
export const MEMORY_FILL: readonly number[] = [0xfc, 0x0b, 0]
export const MEMORY_COPY: readonly number[] = [0xfc, 0x0a, 0, 0]
/** To the start of the loop around, if the value on the stack is not 0. */
export const AGAIN_IF: readonly number[] = [0x0d, 0]

/** A loop that goes round as long as it ends in AGAIN_IF with a value that is not 0. */
export function loop(body: readonly number[]): number[] {
  return [0x03, 0x40, ...body, 0x0b]
}

/** The body as often as local `count` says, at least once; counts it down to 0. */
export function times(count: number, body: readonly number[]): number[] {
  return loop([...body, ...get(count), ...constant(1), SUB, ...tee(count), ...AGAIN_IF])
}

/** The same code n times. */
export function unrolled(n: number, code: readonly number[]): number[] {
  return Array.from({ length: n }, () => code).flat()
}

/** A module that imports the shared memory `env.memory` and exports these functions. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((f) => [
    0x60,
    f.parameters,
    ...Array<number>(f.parameters).fill(I32),
    ...(f.result ? [1, I32] : [0]),
  ])
  const memory = [...text('env'), ...text('memory'), 2, 3, 1, ...unsigned(65536)]
  const bodies = functions.map((f) => {
    const code = [...(f.locals > 0 ? [1, f.locals, I32] : [0]), ...f.body, 0x0b]
    return [...unsigned(code.length), ...code]
  })
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      functions.map((_, i) => [i]),
    ),
    ...section(
      7,
      functions.map((f, i) => [...text(f.name), 0, i]),
    ),
    ...section(10, bodies),
  ])
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = [...unsigned(items.length), ...items.flat()]
  return [id, ...unsigned(content.length), ...content]
}

function text(name: string): number[] {
  return [name.length, ...Array.from(name, (c) => c.charCodeAt(0))]
}

/** LEB128 */
function unsigned(n: number): number[] {
  const bytes: number[] = []
  let rest = n
  while (rest >= 128) {
    bytes.push((rest & 127) | 128)
    rest = rest >>> 7
  }
  return [...bytes, rest]
}

/** Signed LEB128 */
function signed(n: number): number[] {
  const bytes: number[] = []
  let rest = n | 0
  for (;;) {
    const byte = rest & 127
    rest = rest >> 7
    if ((rest === 0 && byte < 64) || (rest === -1 && byte >= 64)) return [...bytes, byte]
    bytes.push(byte | 128)
  }
}
