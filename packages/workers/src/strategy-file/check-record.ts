/**
 * A strategy record as it is at run time: complete, with values that a machine can be made for, under an id of its own.
 *
 * What its functions do is the file's affair; that they are called with what they expect, is this one's.
 */

import { findStrategy, STRATEGIES, type Strategy } from '@mmgather/core'

type Bounds = readonly [min: number, max: number]

/** The integers of a strategy: what the shared text and the layout of a machine can take; the others are 0 or 1. */
const BOUNDS: Readonly<Record<string, Bounds>> = {
  slotWords: [1, 2],
  pagevecSize: [1, 31],
  maxGatherBatch: [1, 65_536],
  pcpBatchScaleMax: [0, 24],
  largeAnonOrderMin: [1, 10],
  largeMapcount: [0, 2],
}

type Members = Readonly<Record<string, unknown>>

/** What is wrong with a record, a line each. @param name - of the record, in messages. */
export function checkStrategyRecord(record: unknown, name: string): string[] {
  if (typeof record !== 'object' || record === null) return [`${name} is no strategy record`]
  const [first] = STRATEGIES
  const model = (first as { strategy: Strategy }).strategy as unknown as Members
  return [
    ...checkId((record as Members)['id'], name),
    ...checkMembers(record as Members, model, name),
  ]
}

function checkId(id: unknown, name: string): string[] {
  if (typeof id !== 'string' || !/^[\w.-]{1,64}$/.test(id))
    return [
      `${name}: id is a name of letters, digits, '.', '_' and '-' (got ${JSON.stringify(id)})`,
    ]
  if (findStrategy(id) === undefined) return []
  return [`${name}: ${id} is the id of a strategy that ships: give this one its own, id: '${name}'`]
}

function checkMembers(record: Members, model: Members, name: string): string[] {
  return Object.entries(model).flatMap(([key, wanted]): string[] => {
    const value = record[key]
    const member = `${name}.${key}`
    if (typeof wanted === 'object') {
      if (typeof value !== 'object' || value === null) return [`${member} is missing`]
      return checkMembers(value as Members, wanted as Members, member)
    }
    if (value === undefined)
      return [`${member} is missing: spread a strategy that ships, or name it`]
    if (typeof wanted === 'number') return checkNumber(value, member, BOUNDS[key])
    if (typeof wanted !== 'function') return []
    if (typeof value !== 'function') return [`${member} must be a function`]
    const given = value.length
    if (given <= wanted.length) return []
    return [`${member} has ${given} parameters, but is called with ${wanted.length} arguments`]
  })
}

function checkNumber(value: unknown, member: string, bounds: Bounds | undefined): string[] {
  const [min, max] = bounds ?? [0, 1]
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return []
  return [`${member} is ${String(value)}; allowed: an integer from ${min} to ${max}`]
}
