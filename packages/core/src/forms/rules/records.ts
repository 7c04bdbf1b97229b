/**
 * Strategy records: `export const x: Strategy = { id, functions, integers, plain: {...}, ...base }`, or in files of users
 * `export const x = defineStrategy({ ... })`.
 */
import type {
  Expression,
  ObjectExpression,
  ObjectProperty,
  SpreadElement,
  VariableDeclarator,
} from 'oxc-parser'

import { foldConstant } from './integers.ts'
import type { Constants } from './integers.ts'
import { type Kind, recordLiteral } from './names.ts'
import type { Refuse } from './report.ts'

const MEMBER = 'a member of a strategy record is the name of a function or an integer'

type Scope = { constants: Constants; names: ReadonlyMap<string, Kind>; refuse: Refuse }

export function checkRecord(declarator: VariableDeclarator, scope: Scope): void {
  const record = recordLiteral(declarator)
  if (record !== undefined) checkMembers(record, scope, true)
  else if (declarator.init) scope.refuse(declarator.init, 'a strategy is a record written in place')
}

function checkMembers(record: ObjectExpression, scope: Scope, isOuter: boolean): void {
  for (const member of record.properties) {
    if (member.type === 'SpreadElement') checkSpread(member, scope)
    else checkMember(member, scope, isOuter)
  }
}

function checkSpread({ argument }: SpreadElement, { names, refuse }: Scope): void {
  const isPlain =
    argument.type === 'MemberExpression' &&
    !argument.computed &&
    argument.property.type === 'Identifier' &&
    argument.property.name === 'plain'
  const base = isPlain ? argument.object : argument
  const kind = base.type === 'Identifier' ? names.get(base.name) : undefined
  if (kind !== 'record' && kind !== 'unknown') {
    refuse(argument, 'only another strategy record may be spread')
  }
}

function checkMember(member: ObjectProperty, scope: Scope, isOuter: boolean): void {
  const { refuse } = scope
  if (member.method || member.kind !== 'init') return refuse(member, 'no methods')
  if (member.computed || member.key.type !== 'Identifier') {
    return refuse(member, 'a member of a strategy record has a plain name')
  }
  const { value } = member
  const key = member.key.name
  if (isOuter && key === 'plain') {
    if (value.type === 'ObjectExpression') return checkMembers(value, scope, false)
    return refuse(value, 'plain is a record written in place')
  }
  if (value.type === 'Literal' && typeof value.value === 'string') {
    if (!isOuter || key !== 'id') refuse(value, 'only the id of a strategy is a string')
    return
  }
  checkValue(value, scope)
}

function checkValue(value: Expression, { constants, names, refuse }: Scope): void {
  if (value.type === 'Identifier') {
    const kind = names.get(value.name)
    if (kind === undefined) refuse(value, `unknown name ${value.name}`)
    if (kind === 'record') refuse(value, MEMBER)
    return
  }
  const refused: string[] = []
  foldConstant(value, constants, names, (_, reason) => refused.push(reason))
  if (refused.length > 0) refuse(value, MEMBER)
}
