import { setImmediate } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { ArrayGarbage } from '../src/array-garbage.ts'

test('arrays that nobody has any more are gone when it returns', async () => {
  const garbage = new ArrayGarbage()
  garbage.collect()
  const array = new WeakRef(new Uint8Array(1 << 23))
  // what a WeakRef was made for in this turn stays
  await setImmediate()
  garbage.collect()
  await setImmediate()
  expect(array.deref()).toBeUndefined()
})
