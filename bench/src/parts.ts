/**
 * What the kernel text does that the native C reference does not, in time: the text without one part after the other
 * (same-text/parts.ts), as WebAssembly and as C, all in turn on the same image of a machine.
 *
 *   node src/parts.ts [--rounds N] [--pages N] [--processes N] [--json]
 *
 * A row is the text without all parts up to this one; `saved` is what this part cost, the medians over the rounds of the
 * difference to the row above.
 */
import { parseArgs } from 'node:util'

import { describeConditions, readConditions } from './conditions.ts'
import { positive } from './options.ts'
import { Image, type Run } from './same-text/contenders.ts'
import { PARTS, without } from './same-text/parts.ts'
import { hasCompiler, readText, type TextProgram } from './same-text/program.ts'
import { STANDARD_CASES, type StandardCase, standardConfig } from './standard-config.ts'
import { type Summary, summarise } from './statistics.ts'
import { printTable } from './table.ts'

const WARMUP_ROUNDS = 2

interface Step {
  name: string
  /** ns per page. */
  wasm: Summary
  c: Summary
  /** What leaving this part out saved; undefined: nothing is left out. */
  wasmSaved: Summary | undefined
  cSaved: Summary | undefined
}

async function measureRow(
  row: StandardCase,
  rounds: number,
  pages: number,
  procs: number,
): Promise<Step[]> {
  const { strategy, order } = row
  const image = new Image(standardConfig({ strategy, order, pages, procs }))
  const texts = Array.from({ length: PARTS.length + 1 }, (_, parts) => without(parts, readText))
  const programs: TextProgram[] = []
  const wasm: number[][] = texts.map(() => [])
  const c: number[][] = texts.map(() => [])
  try {
    for (const read of texts) programs.push(image.c(read))
    const runs: Run[] = texts.map((read) => image.wasm(read))
    for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
      for (const [i, run] of runs.entries()) {
        const [inWasm, inC] = [await run(), await programs[i]?.run()]
        if (round < 0) continue
        wasm[i]?.push(inWasm / (pages * procs))
        c[i]?.push((inC ?? 0) / (pages * procs))
      }
    }
  } finally {
    for (const program of programs) await program.close()
  }
  const saved = (times: readonly number[][], i: number): Summary | undefined =>
    i === 0
      ? undefined
      : summarise((times[i] ?? []).map((ns, round) => (times[i - 1]?.[round] ?? 0) - ns))
  return texts.map((_, i) => ({
    name: PARTS[i - 1]?.name ?? 'the whole text',
    wasm: summarise(wasm[i] ?? []),
    c: summarise(c[i] ?? []),
    wasmSaved: saved(wasm, i),
    cSaved: saved(c, i),
  }))
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '11' },
      pages: { type: 'string', default: '262144' },
      processes: { type: 'string', default: '4' },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = positive('rounds', values.rounds)
  const pages = positive('pages', values.pages)
  const procs = positive('processes', values.processes)
  if (!hasCompiler()) {
    console.error('The comparison with C needs a C compiler, and there is none.')
    process.exitCode = 1
    return
  }
  const conditions = await readConditions()
  const tables: { label: string; steps: Step[] }[] = []
  for (const row of STANDARD_CASES)
    tables.push({ label: row.label, steps: await measureRow(row, rounds, pages, procs) })
  if (values.json) {
    console.log(JSON.stringify({ conditions, rounds, pages, procs, tables }, null, 2))
    return
  }
  console.log(describeConditions(conditions))
  console.log(`${procs} x ${pages} pages, ${rounds} rounds, medians`)
  for (const { label, steps } of tables) {
    const rows = steps.map(({ name, wasm, wasmSaved, c, cSaved }) => [
      name,
      wasm.median.toFixed(1),
      wasmSaved?.median.toFixed(1) ?? '',
      c.median.toFixed(1),
      cSaved?.median.toFixed(1) ?? '',
    ])
    const head = [`${label}: without ...`, 'wasm, ns/page', 'saved', 'C, ns/page', 'saved']
    console.log(`\n${printTable([head, ...rows])}`)
  }
}

await main()
