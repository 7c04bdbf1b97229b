/**
 * A user's strategy file and its relative imports in every form that an engine runs: checked by the rules of the kernel
 * text, derived against the text that ships, as JavaScript.
 *
 * What can stop and what accesses cost is, for functions that ship, what it was when core was derived. Knows no files:
 * whoever calls reads and writes them.
 */

import { MagicString } from 'magic-string'

import { Analysis, DeriveError } from '../analysis.ts'
import { ENGINE_MODULES, formFile, MEMORY_MODULE, SRC, SYNC_MODULE } from '../derive.ts'
import { emitModule, type Form } from '../emit.ts'
import { Modules, parseModule, type TextModule } from '../modules.ts'
import { blankTypes, type Range, typeRanges } from '../types.ts'
import { Weights } from '../weights.ts'
import { HOST_FILES } from '../rules/check.ts'
import { checkUserTexts, exportedRecords } from './check.ts'
import { readUserTexts, resolveUserImport } from './files.ts'
import type { ShippedText } from './shipped.ts'

/** The forms that users' files are made in: live is the text itself. */
export const USER_FORMS = ['live', 'raw', 'conditional', 'profiled'] as const
export type UserForm = (typeof USER_FORMS)[number]

export interface UserFileOptions {
  /** The text of a user's file, by absolute path with forward slashes. */
  readonly read: (file: string) => string | undefined
  /** The text that ships, which the user's is held and derived against. */
  readonly shipped: ShippedText
  /** Where a module of core is imported from at run time. */
  readonly urlOf: (coreFile: string) => string
  /** The specifier of a user's file in a form. */
  readonly specifierOf: (file: string) => string
  /** The name of a user's file in messages. */
  readonly nameOf: (file: string) => string
}

export interface DerivedUserFiles {
  /** The user's files with their texts, the named one first. */
  readonly texts: ReadonlyMap<string, string>
  /** The names of the strategy records that the named file exports. */
  readonly records: readonly string[]
  /** JavaScript by form and file. */
  readonly code: Readonly<Record<UserForm, ReadonlyMap<string, string>>>
}

/** Derives `entry` and what it imports. Throws DeriveError with every violation. */
export function deriveUserFiles(entry: string, options: UserFileOptions): DerivedUserFiles {
  const { texts, violations } = readUserTexts(entry, options.read)
  const all = violations.length > 0 ? violations : checkUserTexts(texts, options.shipped)
  if (all.length > 0) throw named(new DeriveError(all), texts, options)
  try {
    const modules = [...texts].map(([file, text]) => parseModule(file, text, resolveUserImport))
    const analysis = analyse(modules, options)
    const user = modules.map((module) => ({
      module,
      types: typeRanges(module.program, module.text),
    }))
    return {
      texts,
      records: exportedRecords(entry, texts.get(entry) ?? ''),
      code: {
        live: emitAll(user, (each) => asWritten(each, options)),
        raw: emitAll(user, deriving(analysis, 'raw', options)),
        conditional: emitAll(user, deriving(analysis, 'conditional', options)),
        profiled: emitAll(user, deriving(analysis, 'profiled', options)),
      },
    }
  } catch (error) {
    throw error instanceof DeriveError ? named(error, texts, options) : error
  }
}

function analyse(user: readonly TextModule[], { shipped }: UserFileOptions): Analysis {
  const { names, suspending } = shipped
  const modules = new Modules(user, (file, name) => names[file]?.[name]?.place ?? { file, name })
  return new Analysis(modules, {
    isSync: (file) => file === SYNC_MODULE,
    elsewhere: new Map(Object.entries(suspending)),
  })
}

/** A user's text, and what of it is types. */
interface UserModule {
  readonly module: TextModule
  readonly types: readonly Range[]
}

function emitAll(
  user: readonly UserModule[],
  emit: (each: UserModule) => string,
): Map<string, string> {
  return new Map(user.map((each) => [each.module.file, emit(each)]))
}

/** The text itself, with the modules of core under the addresses that they have at run time. */
function asWritten({ module, types }: UserModule, options: UserFileOptions): string {
  const text = new MagicString(module.text)
  for (const { literal, file } of module.sources) {
    const specifier = file in HOST_FILES ? options.urlOf(file) : options.specifierOf(file)
    text.update(literal.start + 1, literal.end - 1, specifier)
  }
  blankTypes(text, types)
  return text.toString()
}

function deriving(
  analysis: Analysis,
  form: Form,
  options: UserFileOptions,
): (each: UserModule) => string {
  const isMemory = (file: string): boolean => file === MEMORY_MODULE
  const engine = ENGINE_MODULES[form]
  const shared = {
    form,
    ...(form !== 'raw' && {
      weights: new Weights(analysis, isMemory, Object.entries(options.shipped.charged)),
    }),
    isMemory,
    engine: options.urlOf(SRC + engine.sync),
    ownMemory: options.urlOf(SRC + engine.memory),
    entersFunctions: true,
    specifier: (target: string) =>
      target in HOST_FILES ? options.urlOf(formFile(form, target)) : options.specifierOf(target),
  }
  return ({ module, types }) => {
    const source = module.file
    // whoever drives the raw form counts accesses instead
    const turnsAs = form === 'raw' ? {} : { turnsAs: options.nameOf(module.file) }
    return emitModule(analysis, module, { ...shared, source, types, ...turnsAs }).code
  }
}

/** The violations with files under the names that the user knows. */
function named(
  { violations }: DeriveError,
  texts: ReadonlyMap<string, string>,
  { nameOf }: UserFileOptions,
): DeriveError {
  const files = [...texts.keys()]
  return new DeriveError(
    violations.map((line) => {
      const file = files.find((each) => line.startsWith(`${each}:`))
      return file === undefined ? line : nameOf(file) + line.slice(file.length)
    }),
  )
}
