/** What threads of a check learn about words: whether the others' accesses were made with too little. */
import { SEPARATE_ARRAYS } from '../../src/sync/array-source.ts'
import { expect, test } from 'vitest'

import {
  addedTo,
  areNews,
  bindMarks,
  changedByAtomic,
  knownMarks,
  loaded,
  lookedAt,
  markWord,
  stored,
} from '../../src/sync/check-marks.ts'

const NOTHING = new Uint8Array(2)

/** What a thread knows of two words that begins with nothing and does this. */
function after(...done: ((word: number) => unknown)[]): Uint8Array {
  bindMarks(2, SEPARATE_ARRAYS)
  for (const each of done) each(1)
  return knownMarks()
}

function together(...threads: Uint8Array[]): Uint8Array {
  return NOTHING.map((_, i) => threads.reduce((all, each) => all | (each[i] ?? 0), 0))
}

test.for([
  ['a store, and a look without a lock', stored, markWord],
  ['an addition that nobody asks about, and somebody who asks', addedTo, lookedAt],
  ['a plain load, and an atomic', loaded, changedByAtomic],
] as const)('%s on two threads are news, until all begin with it', ([, access, mark]) => {
  const [one, other] = [after(access), after(mark)]
  expect(areNews(NOTHING, one)).toBe(false)
  expect(areNews(NOTHING, other)).toBe(false)
  const both = together(one, other)
  expect(areNews(NOTHING, both)).toBe(true)
  expect(areNews(other, both)).toBe(false)
  expect(areNews(both, both)).toBe(false)
})
