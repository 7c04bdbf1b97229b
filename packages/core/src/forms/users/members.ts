/**
 * The members that a strategy has, by `interface Strategy`.
 */

import type { Program } from 'oxc-parser'

/** The members of `interface Strategy`, those of `plain` as `plain.f`; none if the text does not declare it. */
export function strategyMembers(program: Program): Set<string> {
  const members = new Set<string>()
  const add = (list: readonly unknown[], prefix: string): void => {
    for (const each of list as readonly { key: { name: string }; typeAnnotation?: unknown }[]) {
      members.add(prefix + each.key.name)
      const type = (each.typeAnnotation as { typeAnnotation?: { members?: unknown[] } } | undefined)
        ?.typeAnnotation
      if (type?.members !== undefined) add(type.members, `${each.key.name}.`)
    }
  }
  for (const statement of program.body) {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (node?.type === 'TSInterfaceDeclaration' && node.id.name === 'Strategy')
      add(node.body.body, '')
  }
  return members
}
