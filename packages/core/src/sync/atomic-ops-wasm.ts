/**
 * The operations of atomic-ops.ts as a WebAssembly module over a machine's memory: one locked instruction each.
 *
 * The module is assembled here by hand, function by function; it imports the memory and owns nothing. Invariant: each
 * function does to the word at `address` exactly what its namesake in atomic-ops.ts does (a test compares them).
 */

import type { SharedMemory } from '../lib/shared-memory.ts'

export interface AtomicOps {
  fetchAdd(address: number, value: number): number
  fetchSub(address: number, value: number): number
  fetchAnd(address: number, value: number): number
  fetchOr(address: number, value: number): number
  compareExchange(address: number, expected: number, value: number): number
  atomicLoad(address: number): number
  atomicStore(address: number, value: number): void
}

/** Opcode behind the 0xfe prefix, and how many operands follow the address. */
const FUNCTIONS: readonly {
  name: keyof AtomicOps
  opcode: number
  operands: number
  result: boolean
}[] = [
  { name: 'fetchAdd', opcode: 0x1e, operands: 1, result: true },
  { name: 'fetchSub', opcode: 0x25, operands: 1, result: true },
  { name: 'fetchAnd', opcode: 0x2c, operands: 1, result: true },
  { name: 'fetchOr', opcode: 0x33, operands: 1, result: true },
  { name: 'compareExchange', opcode: 0x48, operands: 2, result: true },
  { name: 'atomicLoad', opcode: 0x10, operands: 0, result: true },
  { name: 'atomicStore', opcode: 0x17, operands: 1, result: false },
]

const I32 = 0x7f

interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: AtomicOps }
}

/** The operations over this memory. Throws what WebAssembly throws where threads are not available. */
export function compileAtomicOps(memory: SharedMemory): AtomicOps {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
  const module = new WebAssembly.Module(Uint8Array.from(assemble()))
  return new WebAssembly.Instance(module, { env: { memory } }).exports
}

function assemble(): number[] {
  const types = FUNCTIONS.map((f) => [
    0x60,
    f.operands + 1,
    ...Array<number>(f.operands + 1).fill(I32),
    ...(f.result ? [1, I32] : [0]),
  ])
  const magic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  // a shared memory of at least 1 page, at most 65,536
  const memoryImport = [...text('env'), ...text('memory'), 2, 3, 1, ...unsigned(65536)]
  return [
    ...magic,
    ...section(1, types),
    ...section(2, [memoryImport]),
    ...section(
      3,
      FUNCTIONS.map((_, i) => [i]),
    ),
    ...section(
      7,
      FUNCTIONS.map((f, i) => [...text(f.name), 0, i]),
    ),
    ...section(
      10,
      FUNCTIONS.map((f) => body(f.opcode, f.operands)),
    ),
  ]
}

/** address << 2, the operands, the atomic instruction with 4-byte alignment and no offset. */
function body(opcode: number, operands: number): number[] {
  const code = [0x20, 0, 0x41, 2, 0x74]
  for (let i = 1; i <= operands; i++) code.push(0x20, i)
  code.push(0xfe, opcode, 2, 0, 0x0b)
  return [code.length + 1, 0, ...code]
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
