/**
 * Imported values of a module of kernel text made constants of its code, so that V8 leaves out what they rule out.
 *
 * A section of the module tells where each is read. Reading one and having a constant are instructions of the same length, so
 * nothing in the module moves. Invariant: the import stays, and instances are made as before.
 */

/** Name of the custom section: a ReadPlaces as JSON, in ASCII. */
export const READS_SECTION = 'mmgather.reads'

/** By name of a value: the offsets in the module of the numbers behind `global.get`, ascending. */
export type ReadPlaces = Readonly<Record<string, readonly number[]>>

const GLOBAL_GET = 0x23
const I32_CONST = 0x41
/** Of a number behind either. */
export const NUMBER_BYTES = 2
/** The largest value that fits in two bytes of signed LEB128. */
const VALUE_MAX = (1 << 13) - 1

const HEADER_BYTES = 8
const CUSTOM = 0

/**
 * A copy in which the values of these names are constants. One that no two bytes hold (8,191, down to -8,192) is imported as
 * before, and so is one that the module never reads. Throws if the bytes are no module that tells where it reads.
 */
export function withConstants(
  bytes: Uint8Array,
  values: Readonly<Record<string, number>>,
): Uint8Array {
  const places = readPlaces(bytes)
  // slice() of a Buffer would be the same bytes
  const copy = new Uint8Array(bytes)
  for (const [name, value] of Object.entries(values)) {
    if (value > VALUE_MAX || value < -VALUE_MAX - 1) continue
    for (const place of places[name] ?? []) {
      if (copy[place - 1] !== GLOBAL_GET) throw new Error(`no read of ${name} at ${place}`)
      copy[place - 1] = I32_CONST
      copy[place] = (value & 127) | 128
      copy[place + 1] = (value >> 7) & 127
    }
  }
  return copy
}

function readPlaces(bytes: Uint8Array): ReadPlaces {
  let at = HEADER_BYTES
  while (at < bytes.length) {
    const id = bytes[at]
    const [size, start] = unsignedAt(bytes, at + 1)
    at = start + size
    if (id !== CUSTOM) continue
    const [length, name] = unsignedAt(bytes, start)
    if (ascii(bytes.subarray(name, name + length)) !== READS_SECTION) continue
    return JSON.parse(ascii(bytes.subarray(name + length, at))) as ReadPlaces
  }
  throw new Error(`the module has no section ${READS_SECTION}`)
}

/** LEB128, and the offset behind it. */
function unsignedAt(bytes: Uint8Array, at: number): readonly [value: number, end: number] {
  let value = 0
  for (let i = 0; ; i++) {
    const byte = bytes[at + i] ?? 0
    value += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return [value, at + i + 1]
  }
}

function ascii(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
