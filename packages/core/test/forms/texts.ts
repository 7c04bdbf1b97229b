/** The kernel text of this repository, and its derived forms, for tests that read them. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { parseSync, type Program } from 'oxc-parser'

import { deriveKernel, formFile, isKernelText } from '../../src/forms/derive.ts'
import { FORMS, type Form } from '../../src/forms/emit.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

export const FILES: readonly string[] = globSync('packages/core/src/{mm,kernel,machine}/**/*.ts', {
  cwd: ROOT,
})
  .filter(isKernelText)
  .sort()

export function textOf(file: string): string {
  return readFileSync(ROOT + file, 'utf8')
}

/** A module in a form. */
export interface DerivedText {
  readonly form: Form
  readonly file: string
  readonly source: string
  readonly code: string
}

/** Every module in every form. */
export function derivedTexts(): DerivedText[] {
  return FORMS.flatMap((form) => {
    const emitted = deriveKernel(form, FILES, textOf)
    return FILES.map((file) => ({
      form,
      file,
      source: textOf(file),
      code: emitted.get(formFile(form, file))?.code ?? '',
    }))
  })
}

export function programOf(text: string): Program {
  const { program, errors } = parseSync('text.ts', text, { preserveParens: false, lang: 'ts' })
  const [error] = errors
  if (error !== undefined) throw new Error(`${error.message} in\n${text}`)
  return program
}
