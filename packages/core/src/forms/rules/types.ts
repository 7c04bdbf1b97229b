/**
 * The types that kernel text may write: boolean, number and named (branded) types; void as a result.
 */
import type { ParamPattern, TSType } from 'oxc-parser'

import type { At, Refuse } from './report.ts'

type Annotated = {
  readonly typeAnnotation?: { readonly typeAnnotation: TSType } | null | undefined
}

export function isValueType(type: TSType): boolean {
  if (type.type === 'TSNumberKeyword' || type.type === 'TSBooleanKeyword') return true
  return (
    type.type === 'TSTypeReference' &&
    type.typeName.type === 'Identifier' &&
    type.typeName.name !== 'const' &&
    !type.typeArguments
  )
}

export function checkReturnType(fn: At & { returnType?: unknown }, refuse: Refuse): void {
  const type = (fn.returnType as Annotated['typeAnnotation'])?.typeAnnotation
  if (!type) refuse(fn, 'a function writes its return type')
  else if (type.type !== 'TSVoidKeyword' && !isValueType(type)) {
    refuse(type, 'a return type is void, boolean, number or a brand')
  }
}

/** Checks a parameter and returns its name. */
export function checkParameter(parameter: ParamPattern, refuse: Refuse): string | undefined {
  if (parameter.type === 'AssignmentPattern') refuse(parameter, 'no default parameters')
  else if (parameter.type === 'RestElement') refuse(parameter, 'no rest parameters')
  else if (parameter.type !== 'Identifier') refuse(parameter, 'no destructuring')
  else if (parameter.name === 'this') refuse(parameter, 'no this')
  else {
    checkParameterType(parameter, refuse)
    return parameter.name
  }
  return undefined
}

function checkParameterType(
  parameter: Extract<ParamPattern, { type: 'Identifier' }>,
  refuse: Refuse,
): void {
  if (parameter.optional) refuse(parameter, 'no optional parameters')
  const type = parameter.typeAnnotation?.typeAnnotation
  if (!type) return refuse(parameter, 'a parameter writes its type')
  if (!isValueType(type)) refuse(type, 'a parameter is boolean, number or a brand')
  const isStrategy =
    type.type === 'TSTypeReference' &&
    type.typeName.type === 'Identifier' &&
    type.typeName.name === 'Strategy'
  if (isStrategy !== (parameter.name === 'strategy')) {
    refuse(parameter, 'a parameter of type Strategy, and no other, is named strategy')
  }
}

export function checkLocalType(local: Annotated, refuse: Refuse): void {
  const type = local.typeAnnotation?.typeAnnotation
  if (type && !isValueType(type)) refuse(type, 'a local is boolean, number or a brand')
}
