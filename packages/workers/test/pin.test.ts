import { availableParallelism } from 'node:os'

import { expect, test } from 'vitest'

import { usableCores } from '../src/environment.ts'
import { runLive } from '../src/index.ts'
import { allowedCores, parseCoreList, pinThreads } from '../src/pin.ts'
import { forkShared } from './support.ts'

test('core lists as /proc writes them', () => {
  expect(parseCoreList('0-3,8')).toEqual([0, 1, 2, 3, 8])
  expect(parseCoreList('5')).toEqual([5])
  expect(parseCoreList('')).toEqual([])
  expect(parseCoreList('nonsense')).toEqual([])
})

test('usable cores are those this process may run on', () => {
  expect(usableCores()).toBeGreaterThan(0)
  expect(usableCores()).toBeLessThanOrEqual(availableParallelism())
})

test('a report says whether threads were pinned, to what or why not', async () => {
  const report = await runLive(forkShared(1))
  const { pinned, pinnedNote } = report.environment
  const expected = pinned ? new RegExp(`^one core each: ${allowedCores()[0]}$`) : /^not pinned: ./
  expect(pinnedNote).toMatch(expected)
})

test('pinning can be switched off', async () => {
  const report = await runLive(forkShared(1), { pin: false })
  expect(report.environment).toMatchObject({
    pinned: false,
    pinnedNote: 'not pinned: switched off',
  })
})

test('a thread that is not there is not pinned, and says why', async () => {
  expect(await pinThreads([0], true)).toMatchObject({ pinned: false })
  const gone = await pinThreads([2 ** 22 + 1], true)
  expect(gone.pinned).toBe(false)
  expect(gone.note).toMatch(/^not pinned: ./)
})
