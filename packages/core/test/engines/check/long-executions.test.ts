/** Executions that make more plain accesses than a check keeps: they end, and the machine is as it was before. */
import { expect, test } from 'vitest'

import { Execution, type End } from '../../../src/engines/check/execution.ts'
import { RoundRobin } from '../../../src/engines/check/schedulers/round-robin.ts'
import { bindMemory, mem } from '../../../src/machine/memory.ts'
import { load, store } from '../../../src/sync/check-memory.ts'
import { atomicAdd } from '../../../src/sync/check.ts'

const WORDS = 1024
const WORD = 600
const COUNTER = 601

/** How one CPU ends that makes `operations` operations, with so many plain accesses behind each. */
function endOf(operations: number, access: (i: number) => void, accesses: number): End {
  bindMemory(new Int32Array(WORDS))
  const program = (): void => {
    for (let n = 0; n < operations; n++) {
      atomicAdd(1, COUNTER)
      for (let i = 0; i < accesses; i++) access(i)
    }
  }
  const options = { words: WORDS, programs: [program], blocks: [0], stepsMax: 100 }
  const execution = new Execution(options)
  const scheduler = new RoundRobin(1)
  scheduler.next()
  try {
    return execution.run(scheduler)
  } finally {
    execution.dispose()
  }
}

test.for([
  ['stores', (i: number) => store(WORD, i)],
  ['loads', () => void load(WORD)],
] as const)('%s: none between two operations is too many, all together are', ([, access]) => {
  expect(endOf(1, access, 400_000).kind).toBe('completed')
  expect(endOf(3, access, 400_000)).toEqual({ kind: 'steps' })
  expect(mem.every((word) => word === 0)).toBe(true)
})

test.for([
  ['stores', (i: number) => store(WORD, i)],
  ['loads', () => void load(WORD)],
] as const)('%s without an operation between them: a loop that does not end', ([, access]) => {
  expect(endOf(1, access, 600_000)).toMatchObject({ kind: 'broken', rule: 'lost-progress' })
  expect(mem.every((word) => word === 0)).toBe(true)
})
