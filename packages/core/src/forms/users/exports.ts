/**
 * What a module of core offers to files of users: the values that it exports and their kinds, and its types, through
 * every re-export.
 */

import { resolveSpecifier } from '../paths.ts'
import { parse } from '../rules/check.ts'
import { type Kind, namesOf } from '../rules/names.ts'

export type Offered = Kind | 'type'

type Read = (file: string) => string | undefined

/** By exported name. Modules that cannot be read offer nothing, nor do those in `seen`, which are being looked at. */
export function offeredBy(
  file: string,
  read: Read,
  seen: ReadonlySet<string> = new Set(),
): Map<string, Offered> {
  const text = read(file)
  const offered = new Map<string, Offered>()
  if (text === undefined || seen.has(file)) return offered
  const { program } = parse(file, text)
  const kinds = namesOf(program, () => undefined)
  const from = (specifier: string): Map<string, Offered> =>
    offeredBy(resolveSpecifier(file, specifier), read, new Set([...seen, file]))
  for (const statement of program.body) {
    if (statement.type === 'ExportAllDeclaration') {
      for (const [name, kind] of from(statement.source.value)) offered.set(name, kind)
    }
    if (statement.type !== 'ExportNamedDeclaration') continue
    const passedOn = statement.source === null ? undefined : from(statement.source.value)
    for (const { local, exported } of statement.specifiers) {
      const kind = passedOn?.get(nameOf(local)) ?? kinds.get(nameOf(local))
      if (kind !== undefined) offered.set(nameOf(exported), kind)
    }
    for (const [name, kind] of declared(statement.declaration, kinds)) offered.set(name, kind)
  }
  return offered
}

function declared(
  node: { type: string; id?: unknown; declarations?: readonly { id: unknown }[] } | null,
  kinds: ReadonlyMap<string, Kind>,
): [string, Offered][] {
  if (node === null) return []
  const ids = node.declarations?.map(({ id }) => id) ?? [node.id]
  const isType = node.type === 'TSInterfaceDeclaration' || node.type === 'TSTypeAliasDeclaration'
  return ids.map((id) => {
    const name = nameOf(id as { name?: string })
    return [name, isType ? 'type' : (kinds.get(name) ?? 'unknown')]
  })
}

export function nameOf(node: { name?: string; value?: unknown }): string {
  return node.name ?? String(node.value)
}
