/**
 * The files of the kernel text, and their texts.
 */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { isKernelText, SRC } from '../packages/core/src/forms/derive.ts'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Kernel text and the accessors under it, in order, as paths from the root of the repository. */
export function kernelFiles(): string[] {
  return globSync(`${SRC}{mm,kernel,machine,api}/**/*.ts`, { cwd: ROOT })
    .filter(isKernelText)
    .sort()
}

/** The text of a file; undefined if it cannot be read. */
export function readSource(file: string): string | undefined {
  try {
    return readFileSync(ROOT + file, 'utf8')
  } catch {
    return undefined
  }
}
