/**
 * Writes the derived forms of the kernel text to packages/core/src/generated/<form>.
 *
 * Only files whose text changed are written, and files that no source stands behind any more are removed, so that a
 * second run does nothing. `--check` writes nothing and fails where it would have.
 */
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { DeriveError } from '../packages/core/src/forms/analysis.ts'
import { deriveKernel, SRC } from '../packages/core/src/forms/derive.ts'
import { FORMS } from '../packages/core/src/forms/emit.ts'
import { kernelFiles, readSource, ROOT } from './kernel-files.ts'

/** The derived files that should be there, by path from the root. */
export function derivedFiles(): Map<string, string> {
  const files = kernelFiles()
  const wanted = new Map<string, string>()
  for (const form of FORMS) {
    for (const [file, { code, map }] of deriveKernel(form, files, readSource)) {
      const inline = Buffer.from(map()).toString('base64')
      const url = `//# sourceMappingURL=data:application/json;base64,${inline}`
      wanted.set(file, `${code}${url}\n`)
    }
  }
  return wanted
}

/** Makes the folder hold exactly `wanted`; returns what was changed, or would have to be. */
export function writeDerived(wanted: ReadonlyMap<string, string>, isDryRun: boolean): string[] {
  const changed: string[] = []
  for (const [file, text] of wanted) {
    if (readSource(file) === text) continue
    changed.push(file)
    if (isDryRun) continue
    mkdirSync(dirname(ROOT + file), { recursive: true })
    writeFileSync(ROOT + file, text)
  }
  for (const file of globSync(`${SRC}generated/**/*.ts`, { cwd: ROOT })) {
    if (wanted.has(file)) continue
    changed.push(file)
    if (!isDryRun) rmSync(ROOT + file)
  }
  return changed
}

function main(): number {
  const isDryRun = process.argv.includes('--check')
  try {
    const changed = writeDerived(derivedFiles(), isDryRun)
    if (!isDryRun) return 0
    for (const file of changed) console.error(`derive: not fresh: ${file}`)
    return changed.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof DeriveError)) throw error
    for (const line of error.violations) console.error(line)
    return 1
  }
}

if (import.meta.main) process.exitCode = main()
