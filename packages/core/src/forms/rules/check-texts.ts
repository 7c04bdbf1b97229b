/**
 * Checks many texts at once: each is held to the rules with the names that the others export.
 */

import { resolveSpecifier } from '../paths.ts'
import { checkText, parse } from './check.ts'
import { type Exports, namesOf, strategyIntegers } from './names.ts'

/**
 * All violations of all texts, as `file:line:column: reason`; `read` gives the text of any module that they import,
 * undefined where there is none.
 */
export function checkTexts(
  files: readonly string[],
  read: (file: string) => string | undefined,
): string[] {
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
      resolve: (specifier) => exportsOf(resolveSpecifier(file, specifier)),
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
