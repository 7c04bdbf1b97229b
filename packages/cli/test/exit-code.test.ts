/**
 * Tests of the exit codes that no healthy run of the command has.
 */
import { expect, test } from 'vitest'
import { exitCodeOf } from '../src/exit-code.ts'

test('each outcome has its exit code', () => {
  expect([
    exitCodeOf({ kind: 'completed' }),
    exitCodeOf({ kind: 'violated', violations: [] }),
    exitCodeOf({ kind: 'failed', cpu: 0, message: '' }),
    exitCodeOf({ kind: 'interrupted', runsCompleted: 0 }),
    exitCodeOf({ kind: 'deadlock', waits: [] }),
    exitCodeOf({ kind: 'bounds', message: '' }),
  ]).toEqual([0, 3, 70, 130, 4, 5])
})
