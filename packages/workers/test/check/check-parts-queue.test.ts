/** The parts of a check: their order, who waits for them, and which are not needed any more. */
import type { PartResult } from '@mmgather/core'
import { expect, test } from 'vitest'

import { type CheckPart, CheckPartsQueue } from '../../src/check/check-parts-queue.ts'

function resultOf(executions: number): PartResult {
  const part = { executions } as PartResult['part']
  return { part, outcomes: new Float64Array(0) }
}

async function taken(queue: CheckPartsQueue): Promise<CheckPart> {
  const part = await queue.next()
  if (part === undefined) throw new Error('there is none')
  return part
}

const executionsOf = (queue: CheckPartsQueue): number[] =>
  queue.results().map(({ part }) => part.executions)

test('a part stands before those that it gives away, and they before the next one', async () => {
  const queue = new CheckPartsQueue([{}, {}])
  const first = await taken(queue)
  const second = await taken(queue)
  queue.add(first, [{}])
  const [below] = [await taken(queue)]
  queue.add(below, [{}])
  queue.add(first, [{}, {}])
  expect(queue.known).toBe(6)
  queue.done(second, resultOf(6), false)
  queue.done(below, resultOf(2), false)
  queue.done(first, resultOf(1), false)
  for (const executions of [3, 4, 5]) queue.done(await taken(queue), resultOf(executions), false)
  expect(await queue.next()).toBeUndefined()
  expect(executionsOf(queue)).toEqual([1, 2, 3, 4, 5, 6])
  expect(queue.doneFraction).toBe(1)
})

test('who finds none waits for what a running part gives away, and ends with it', async () => {
  const queue = new CheckPartsQueue([{}])
  const only = await taken(queue)
  const waiting = [queue.next(), queue.next()]
  queue.add(only, [{}])
  const given = (await waiting[0]) as CheckPart
  expect(given.path).toEqual([0, 0])
  queue.done(only, resultOf(1), false)
  queue.done(given, resultOf(1), false)
  expect(await waiting[1]).toBeUndefined()
})

test('closed, it gives out no part, and what was explored counts', async () => {
  const queue = new CheckPartsQueue([{}, {}, {}])
  const [first, second] = [await taken(queue), await taken(queue)]
  queue.close()
  queue.done(first, resultOf(1), false)
  expect(await queue.next()).toBeUndefined()
  queue.done(second, resultOf(2), false)
  expect(executionsOf(queue)).toEqual([1, 2])
  expect(queue.known).toBe(3)
})

test('behind the first part that ends the check none is needed, whoever ends it first', async () => {
  const queue = new CheckPartsQueue([{}, {}, {}, {}])
  const parts = [await taken(queue), await taken(queue), await taken(queue)] as const
  queue.done(parts[2], resultOf(3), true)
  expect(parts.map((part) => queue.isNeeded(part))).toEqual([true, true, true])
  queue.add(parts[2], [{}])
  queue.done(parts[1], resultOf(2), true)
  expect(parts.map((part) => queue.isNeeded(part))).toEqual([true, true, false])
  queue.add(parts[0], [{}])
  const before = await taken(queue)
  expect(before.path).toEqual([0, 0])
  queue.done(before, resultOf(9), false)
  queue.done(parts[0], resultOf(1), false)
  expect(await queue.next()).toBeUndefined()
  expect(executionsOf(queue)).toEqual([1, 9, 2])
})
