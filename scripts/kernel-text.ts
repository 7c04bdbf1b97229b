/**
 * Lint of the kernel text: finds what the derived forms and the WebAssembly compiler could not take.
 *
 * Kernel text is int32 and boolean values, locals, constants and direct calls of module-level functions;
 * CONTRIBUTING.md has the rules. All violations of all files are reported at once.
 */
import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

import { HOST_FILES, checkText, parse } from '../packages/core/src/forms/rules/check.ts'
import { namesOf, strategyIntegers } from '../packages/core/src/forms/rules/names.ts'
import type { Exports } from '../packages/core/src/forms/rules/names.ts'

const KERNEL_TEXT = [
  'packages/core/src/mm/**/*.ts',
  'packages/core/src/kernel/**/*.ts',
  'packages/core/src/machine/{list,page,pgtable,folio}*.ts',
]

/** Checks texts by path; `read` gives the text of any module that they import. */
export function checkTexts(files: readonly string[], read: (file: string) => string | undefined) {
  if (files.length === 0) return ['kernel-text saw no file at all']
  const texts = files.map((file) => [file, read(file) ?? ''] as const)
  const integers = texts.map(([file, text]) => strategyIntegers(parse(file, text).program))
  const known = integers.find((each) => each !== undefined)
  const exportsOf = memoize((file: string): Exports | undefined => {
    const text = read(file)
    return text === undefined ? undefined : namesOf(parse(file, text).program, () => undefined)
  })
  return texts.flatMap(([file, text]) =>
    checkText(file, text, {
      strategyIntegers: known,
      resolve: (specifier) => exportsOf(posix.join(posix.dirname(file), specifier)),
    }),
  )
}

function memoize<Value>(compute: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>()
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key))
    return known.get(key) as Value
  }
}

function main(): number {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const files = KERNEL_TEXT.flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !(file in HOST_FILES))
    .sort()
  const found = checkTexts(files, (file) => {
    try {
      return readFileSync(root + file, 'utf8')
    } catch {
      return undefined
    }
  })
  for (const line of found) console.error(line)
  console.log(`kernel-text: ${files.length} files, ${found.length} violations`)
  return found.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = main()
