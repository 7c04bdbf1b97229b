/**
 * Broken variants of the kernel text: each is an edit of one place, from a real bug or a remark in a review, derived into the
 * raw form beside the text that ships.
 *
 * The derived files of a variant lie in a folder of their own; what they import that is no kernel text (layout, primitives)
 * is reached through links, so that it is the same module for all.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { deriveKernel } from '../../../src/forms/derive.ts'
import type { cpuMain } from '../../../src/generated/raw/kernel/exit.ts'
import type { Strategy } from '../../../src/generated/raw/mm/strategy.ts'
import type { CheckOptions } from '../../../src/index.ts'
import { kernelFiles, readSource, ROOT } from '../../../../../scripts/kernel-files.ts'

const SRC = 'packages/core/src/'
const LINKED = ['lib', 'machine', 'sync', 'scenario']

export interface Mutant {
  readonly id: string
  /** Rule of the specification, or where the bug was. */
  readonly source: string
  readonly strategy: string
  /** The world of the catalogue that finds it. */
  readonly world: string
  /** The rules of which one breaks. */
  readonly rules: readonly string[]
  readonly file: string
  readonly from: string
  readonly to: string
}

export interface LoadedMutant {
  readonly options: CheckOptions & { cpuMain: typeof cpuMain }
  dispose(): void
}

/** Derives the variant and loads it. Throws if the edit does not fit the text. */
export async function loadMutant({ id, file, from, to, strategy }: Mutant): Promise<LoadedMutant> {
  const target = SRC + file
  const text = readSource(target)
  if (text === undefined || text.split(from).length !== 2)
    throw new Error(`${id}: the text to replace is not there once in ${file}`)
  const read = (each: string): string | undefined =>
    each === target ? text.replace(from, () => to) : readSource(each)
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mmgather-mutant-')))
  for (const name of LINKED) symlinkSync(join(ROOT, SRC, name), join(folder, name))
  for (const [path, { code }] of deriveKernel('raw', kernelFiles(), read)) {
    const place = join(folder, path.slice(SRC.length))
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, code)
  }
  const raw = join(folder, 'generated/raw')
  const exit = (await import(/* @vite-ignore */ join(raw, 'kernel/exit.ts'))) as {
    cpuMain: typeof cpuMain
  }
  const strategies = (await import(/* @vite-ignore */ join(raw, 'mm/strategies/index.ts'))) as {
    findStrategy: (id: string) => Strategy | undefined
  }
  const found = strategies.findStrategy(strategy)
  if (found === undefined) throw new Error(`${id}: there is no strategy ${strategy}`)
  return {
    options: { strategy: found, cpuMain: exit.cpuMain },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}
