/**
 * Users' files as texts, for tests of their checks and forms: no file is read but core's own sources.
 */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { DeriveError } from '../../../src/forms/analysis.ts'
import { type DerivedUserFiles, deriveUserFiles } from '../../../src/forms/users/derive.ts'
import { describeShipped, type ShippedText } from '../../../src/forms/users/shipped.ts'

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url))

/** The text that ships, as the build writes it down and others read it. */
const shipped = JSON.parse(
  JSON.stringify(
    describeShipped(
      new Map(
        globSync('{api,kernel,machine,mm,sync}/**/*.ts', { cwd: SRC }).map((file) => [
          `packages/core/src/${file}`,
          readFileSync(SRC + file, 'utf8'),
        ]),
      ),
    ),
  ),
) as ShippedText

/** Derives `/user/mine.ts`, with other files beside it. */
export function derive(text: string, others: Record<string, string> = {}): DerivedUserFiles {
  const files = new Map(Object.entries({ 'mine.ts': text, ...others }))
  return deriveUserFiles('/user/mine.ts', {
    read: (file) => files.get(file.replace('/user/', '')),
    shipped,
    urlOf: (file) => file.replace('packages/core/src/', 'core:'),
    specifierOf: (file) => file.replace('/user/', 'user:'),
    nameOf: (file) => file.replace('/user/', ''),
  })
}

/** The violations that deriving ends in; none if it does not. */
export function violationsOf(text: string, others: Record<string, string> = {}): readonly string[] {
  try {
    derive(text, others)
    return []
  } catch (error) {
    if (error instanceof DeriveError) return error.violations
    throw error
  }
}

/** The JavaScript of `mine.ts` in a form. */
export function codeOf(text: string, form: 'live' | 'conditional' | 'profiled'): string {
  return derive(text).code[form].get('/user/mine.ts') ?? ''
}
