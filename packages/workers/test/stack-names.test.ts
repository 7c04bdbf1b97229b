/** What a CPU was doing, by the stack of its JavaScript. */
import { expect, test } from 'vitest'

import { formatDoing, whatItDid } from '../src/stack-names.ts'

test('names of functions up to the one that a CPU runs, as the text has them', () => {
  const stack = `Error: planted
    at spinLock$1 (file:///m/dist/base.js:1:2)
    at Object.releaseSlots [as release] (file:///m/mine.mjs:3:4)
    at new Batch (file:///m/mine.mjs:4:4)
    at tlb.flush (file:///m/mine.mjs:5:6)
    at cpuMain (file:///m/dist/base.js:7:8)
    at run (file:///m/dist/index.js:9:1)`
  const doing = whatItDid(stack, undefined)
  expect(doing).toEqual({ names: ['spinLock', 'releaseSlots', 'Batch', 'tlb.flush'] })
  expect(formatDoing(doing)).toBe(', in spinLock < releaseSlots < Batch < tlb.flush')
  expect(formatDoing(whatItDid('', undefined))).toBe('')
})
