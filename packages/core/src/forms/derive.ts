/**
 * Derives all modules of the kernel text, and the accessors under it, in one form.
 *
 * Which folders are kernel text, which modules a form replaces by its own, and where the derived text goes is said here
 * once, for the build and for files that users bring.
 */

import { Analysis, DeriveError } from './analysis.ts'
import { type Emitted, emitModule, type Form } from './emit.ts'
import { Modules, parseModule } from './modules.ts'
import { relativeSpecifier } from './paths.ts'
import { Weights } from './weights.ts'
import { checkTexts } from './rules/check-texts.ts'
import { HOST_FILES } from './rules/check.ts'

/** Folder of core's sources, as the paths of kernel text have it. */
export const SRC = 'packages/core/src/'
export const SYNC_MODULE: string = `${SRC}sync/live.ts`

export const MEMORY_MODULE: string = `${SRC}machine/memory.ts`
const KERNEL_TEXT = /^packages\/core\/src\/(?:mm|kernel)\/.*\.ts$/
/** Accessors that are built on `load` and `store` alone: kernel text by its rules, though they never stop. */
const ACCESSORS = /^packages\/core\/src\/machine\/(?:list|page|pgtable|folio)[^/]*\.ts$/
/** What users' files import: lists of names, derived like the modules that they pass on. */
const API = /^packages\/core\/src\/api\/.*\.ts$/

/** Is this file part of the kernel text, or of the accessors under it? */
export function isKernelText(file: string): boolean {
  return KERNEL_TEXT.test(file) || ACCESSORS.test(file) || API.test(file)
}

/** Is this file a list of names for files of users? */
export function isApi(file: string): boolean {
  return API.test(file)
}

/** Which engine runs a form: the module of its primitives and that of its plain accesses. */
export const ENGINE_MODULES: Readonly<Record<Form, { sync: string; memory: string }>> = {
  raw: { sync: 'sync/check.ts', memory: 'sync/check-memory.ts' },
  conditional: { sync: 'sync/virtual.ts', memory: 'sync/virtual-memory.ts' },
  profiled: { sync: 'sync/virtual-profiled.ts', memory: 'sync/virtual-memory.ts' },
}

/** The file of a form that takes the place of a source file: derived, the engine's own, or the source itself. */
export function formFile(form: Form, file: string): string {
  if (file === SYNC_MODULE) return SRC + ENGINE_MODULES[form].sync
  if (file === MEMORY_MODULE) return SRC + ENGINE_MODULES[form].memory
  if (isKernelText(file)) return `${SRC}generated/${form}/${file.slice(SRC.length)}`
  return file
}

/** The derived modules by the path that they go to. Throws DeriveError, ParseError. */
export function deriveKernel(
  form: Form,
  files: readonly string[],
  read: (file: string) => string | undefined,
): Map<string, Emitted> {
  const violations = checkTexts(
    files.filter((file) => !(file in HOST_FILES)),
    read,
  )
  if (violations.length > 0) throw new DeriveError(violations)
  const analysis = analyseKernel(files, read)
  const isMemory = (file: string): boolean => file === MEMORY_MODULE
  const weights = form === 'raw' ? {} : { weights: new Weights(analysis, isMemory) }
  const derived = new Map<string, Emitted>()
  for (const module of analysis.modules.byFile.values()) {
    const output = formFile(form, module.file)
    const options = {
      form,
      ...weights,
      isMemory,
      engine: relativeSpecifier(output, SRC + ENGINE_MODULES[form].sync),
      entersFunctions: !ACCESSORS.test(module.file) && !(module.file in HOST_FILES),
      source: relativeSpecifier(output, module.file),
      specifier: (target: string) => relativeSpecifier(output, formFile(form, target)),
    }
    derived.set(output, emitModule(analysis, module, options))
  }
  return derived
}

/** Reads the modules and their call graph. Throws DeriveError, ParseError. */
export function analyseKernel(
  files: readonly string[],
  read: (file: string) => string | undefined,
): Analysis {
  const modules = new Modules(files.map((file) => parseModule(file, read(file) ?? '')))
  return new Analysis(modules, { isSync: (file) => file === SYNC_MODULE })
}
