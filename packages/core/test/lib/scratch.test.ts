import { expect, test } from 'vitest'

import { Scratch } from '../../src/lib/scratch.ts'

test('arrays are zero each time, and do not overlap', () => {
  const scratch = new Scratch()
  for (let call = 0; call < 3; call++) {
    scratch.reset()
    const bytes = scratch.uint8(5)
    const words = scratch.int32(3)
    const more = scratch.uint8(8)
    expect([...bytes, ...words, ...more]).toEqual(Array(16).fill(0))
    words.fill(-1)
    expect([...bytes, ...more]).toEqual(Array(13).fill(0))
    bytes.fill(7)
    more.fill(9)
    expect([...words]).toEqual([-1, -1, -1])
  }
})

test('from the second call on they lie in the same memory', () => {
  const scratch = new Scratch()
  const memoryOf = (length: number) => {
    scratch.reset()
    return [scratch.int32(length).buffer, scratch.uint8(length).buffer]
  }
  memoryOf(100)
  const [memory, same] = memoryOf(100)
  expect(same).toBe(memory)
  expect(memoryOf(50)).toEqual([memory, memory])
  // more than there is: of their own once, together from then on
  expect(memoryOf(200)[1]).not.toBe(memory)
  const [larger, again] = memoryOf(200)
  expect(again).toBe(larger)
})

test('more than 64 MiB is not kept', () => {
  const scratch = new Scratch()
  const take = () => {
    scratch.reset()
    return scratch.uint8((1 << 26) + 1).buffer
  }
  const first = take()
  expect(take()).not.toBe(first)
  scratch.reset()
  expect(scratch.uint8(8).buffer.byteLength).toBe(8)
})
