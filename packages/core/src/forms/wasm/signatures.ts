/**
 * What a function of the text takes and returns, from the types that it writes.
 */

import type { Function as FunctionNode, TSType } from 'oxc-parser'

import type { Place } from '../modules.ts'
import type { Type } from './context.ts'

/** A function among all files. */
export function keyOf({ file, name }: Place): string {
  return `${file}#${name}`
}

/** The function of a key. */
export function placeOf(key: string): Place {
  const end = key.lastIndexOf('#')
  return { file: key.slice(0, end), name: key.slice(end + 1) }
}

export interface Parameter {
  readonly name: string
  readonly type: Type
}

/** Parameters, without `strategy`: that is known when a function is compiled. */
export function parametersOf(fn: FunctionNode): Parameter[] {
  return fn.params.flatMap((each) => {
    if (each.type !== 'Identifier' || each.name === 'strategy') return []
    return [{ name: each.name, type: typeOf(each.typeAnnotation?.typeAnnotation) }]
  })
}

export function resultOf(fn: FunctionNode): Type {
  return typeOf(fn.returnType?.typeAnnotation)
}

/** Does control never come back from it? */
export function returnsNever(fn: FunctionNode): boolean {
  return fn.returnType?.typeAnnotation.type === 'TSNeverKeyword'
}

/** The type that is written. */
export function typeOf(type: TSType | undefined): Type {
  switch (type?.type) {
    case 'TSBooleanKeyword':
      return 'bool'
    case 'TSVoidKeyword':
    case 'TSNeverKeyword':
      return 'void'
    case 'TSTypeReference': {
      const name = type.typeName.type === 'Identifier' ? type.typeName.name : ''
      if (name === 'Cycles') return 'long'
      // what a derived function returns in the end
      return name === '$Steps' || name === 'Steps' ? typeOf(type.typeArguments?.params[0]) : 'int'
    }
    default:
      return 'int'
  }
}
