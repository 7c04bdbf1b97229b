import { createMachine, LOG_RING_RECORDS } from '@mmgather/core'
import { expect, test } from 'vitest'

import { readLog, writeLog } from '../src/log-ring.ts'
import { runLiveWith } from '../src/run-live.ts'
import { forkShared } from './support.ts'

test('records come back in order, each CPU has its own', () => {
  const machine = createMachine(forkShared(2))
  writeLog(machine, 0, { event: 'arrived', timeUs: 5, process: -1 })
  writeLog(machine, 1, { event: 'bug', timeUs: 7, process: 3 })
  writeLog(machine, 0, { event: 'started', timeUs: 6, process: -1 })
  expect(readLog(machine, 0)).toEqual([
    { event: 'arrived', timeUs: 5, process: -1 },
    { event: 'started', timeUs: 6, process: -1 },
  ])
  expect(readLog(machine, 1)).toEqual([{ event: 'bug', timeUs: 7, process: 3 }])
})

test('a full ring keeps the last records', () => {
  const machine = createMachine(forkShared(2))
  for (let i = 0; i < LOG_RING_RECORDS + 10; i++) {
    writeLog(machine, 1, { event: 'started', timeUs: i, process: i })
  }
  const records = readLog(machine, 1)
  expect(records).toHaveLength(LOG_RING_RECORDS)
  expect(records[0]?.timeUs).toBe(10)
  expect(records.at(-1)?.timeUs).toBe(LOG_RING_RECORDS + 9)
  expect(readLog(machine, 0)).toEqual([])
})

test('rings end before what follows them', () => {
  const machine = createMachine(forkShared(2))
  const before = machine.words.slice()
  for (let i = 0; i < LOG_RING_RECORDS; i++) {
    writeLog(machine, 1, { event: 'threw', timeUs: -1, process: -1 })
  }
  const end = machine.globals.ZONE
  expect(machine.words.slice(end)).toEqual(before.slice(end))
})

test('a run logs its phases and prints nothing', async () => {
  const logged: string[] = []
  await runLiveWith(
    forkShared(2),
    {},
    {
      onDone: (machine) => logged.push(...readLog(machine, 1).map(({ event }) => event)),
    },
  )
  expect(logged).toEqual(['arrived', 'started', 'finished'])
})
