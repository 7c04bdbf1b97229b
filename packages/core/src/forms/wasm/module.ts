/**
 * Writes a compiled program as a WebAssembly module: memory, run-fixed values and host functions imported, roots
 * exported, names and positions in custom sections.
 */

import { type FrameRow, type PositionTable, POSITIONS_SECTION } from '../../lib/wasm-positions.ts'
import type { Modules, Place } from '../modules.ts'
import {
  I32,
  nameBytes,
  section,
  unsigned,
  utf8,
  vector,
  writeBody,
  type WrittenBody,
} from './bytes.ts'
import type { Site } from './code.ts'
import { CPU_GLOBALS } from './intrinsics.ts'
import type { Program } from './program.ts'
import { keyOf } from './signatures.ts'

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
/** A shared memory: 4 GiB at most, the module takes any that is smaller. */
const MEMORY = [2, 3, 1, ...unsigned(65536)]

/** The bytes of the module; `roots` are exported by their names. */
export function writeModule(program: Program, roots: readonly Place[]): Uint8Array {
  const hosts = [...program.hosts.values()]
  const globals = [...CPU_GLOBALS, ...[...program.globals].sort()]
  const functionIndex = new Map<string, number>()
  for (const key of program.hosts.keys()) functionIndex.set(key, functionIndex.size)
  for (const { key } of program.functions) functionIndex.set(key, functionIndex.size)
  const types = new Types()
  const imports = [
    [...nameBytes('env'), ...nameBytes('memory'), ...MEMORY],
    ...globals.map((name) => [...nameBytes('globals'), ...nameBytes(name), 3, I32, 0]),
    ...hosts.map((each) => [
      ...nameBytes('host'),
      ...nameBytes(each.name),
      0,
      ...unsigned(types.of(each)),
    ]),
  ]
  const declared = program.functions.map((each) => unsigned(types.of(each)))
  const indices = {
    function: (key: string) => functionIndex.get(key) ?? 0,
    global: (name: string) => globals.indexOf(name),
  }
  const bodies = program.functions.map((fn) =>
    writeBody(fn.body, fn.locals - fn.parameters, indices),
  )
  const exports = roots.map((root) => [
    ...nameBytes(root.name),
    0,
    ...unsigned(functionIndex.get(keyOf(root)) ?? 0),
  ])
  const before = [
    ...MAGIC,
    ...section(1, vector(types.all)),
    ...section(2, vector(imports)),
    ...section(3, vector(declared)),
    ...section(7, vector(exports)),
  ]
  const content = vector(bodies.map((body) => body.bytes))
  const code = section(10, content)
  const codeStart = before.length + code.length - content.length + unsigned(bodies.length).length
  const table = positionsOf(program.modules, bodies, codeStart)
  const names = [...hosts, ...program.functions].map((each) => each.name)
  return Uint8Array.from([
    ...before,
    ...code,
    ...section(0, [...nameBytes('name'), ...nameSubsection(names)]),
    ...section(0, [...nameBytes(POSITIONS_SECTION), ...utf8(JSON.stringify(table))]),
  ])
}

/** Types of functions, each once. */
class Types {
  readonly all: number[][] = []
  readonly #known = new Map<string, number>()

  of({ parameters, result }: { parameters: number; result: boolean }): number {
    const key = `${parameters} ${result}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const results = result ? [1, I32] : [0]
    this.all.push([
      0x60,
      ...unsigned(parameters),
      ...Array<number>(parameters).fill(I32),
      ...results,
    ])
    this.#known.set(key, this.all.length - 1)
    return this.all.length - 1
  }
}

/** Names of functions, for stack traces and profiles. */
function nameSubsection(names: readonly string[]): number[] {
  const map = vector(names.map((name, i) => [...unsigned(i), ...nameBytes(name)]))
  return [1, ...unsigned(map.length), ...map]
}

function positionsOf(
  modules: Modules,
  bodies: readonly WrittenBody[],
  codeStart: number,
): PositionTable {
  const builder = new PositionBuilder(modules)
  let start = codeStart
  for (const { bytes, sites } of bodies) {
    for (const { offset, at } of sites) builder.add(start + offset, at)
    start += bytes.length
  }
  return builder.table()
}

class PositionBuilder {
  readonly #modules: Modules
  readonly #names = new Map<string, number>()
  readonly #files = new Map<string, number>()
  readonly #frames: FrameRow[] = []
  readonly #known = new Map<Site, number>()
  readonly #offsets: number[] = []
  readonly #lineStarts = new Map<string, number[]>()

  constructor(modules: Modules) {
    this.#modules = modules
  }

  add(offset: number, at: Site): void {
    this.#offsets.push(offset, this.#frame(at))
  }

  table(): PositionTable {
    return {
      names: [...this.#names.keys()],
      files: [...this.#files.keys()],
      frames: this.#frames,
      offsets: this.#offsets,
    }
  }

  #frame(site: Site): number {
    const known = this.#known.get(site)
    if (known !== undefined) return known
    const outer = site.inlined === undefined ? -1 : this.#frame(site.inlined)
    const [line, column] = this.#position(site)
    const name = intern(this.#names, site.name)
    const file = intern(this.#files, site.file)
    this.#frames.push([name, file, line, column, outer])
    this.#known.set(site, this.#frames.length - 1)
    return this.#frames.length - 1
  }

  #position({ file, start }: Site): [number, number] {
    const starts = this.#lineStarts.get(file) ?? lineStartsOf(this.#modules.byFile.get(file)?.text)
    this.#lineStarts.set(file, starts)
    const line = starts.findLastIndex((each) => each <= start)
    return [line + 1, start - (starts[line] ?? 0) + 1]
  }
}

function intern(known: Map<string, number>, text: string): number {
  const index = known.get(text) ?? known.size
  known.set(text, index)
  return index
}

function lineStartsOf(text = ''): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
