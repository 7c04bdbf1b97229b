/** A real measurement of this machine, and one that is stopped. */
import { parseProfile } from '@mmgather/core'
import { expect, test } from 'vitest'

import { calibrate, hostProfile, nearestProfile } from '../../src/index.ts'
import { usableCores } from '../../src/environment.ts'

test('measures this machine; the profile is valid', async () => {
  const seen: string[] = []
  const calibration = await calibrate({ quick: true, onProgress: (_, what) => seen.push(what) })
  const { mhz, access, atomic, memory, transfers } = calibration
  for (const { median, samples } of [mhz, access, atomic, memory]) {
    expect(median).toBeGreaterThan(0)
    expect(samples).toBeGreaterThan(1)
  }
  expect(transfers.length > 0).toBe(usableCores() > 1)
  expect(calibration.handOver !== undefined).toBe(usableCores() > 1)
  expect(seen[0]).toBe('clock')
  expect(seen.at(-1)).toBe('lock hand-over')
  const profile = hostProfile(calibration, nearestProfile(calibration, process))
  expect(parseProfile(structuredClone(profile))).toEqual(profile)
})

test.each(['at once', 'clock', 'memory', 'lock hand-over'])(
  'stopped at %s rejects',
  async (when) => {
    const controller = new AbortController()
    if (when === 'at once') controller.abort()
    const onProgress = (_: number, what: string): void => {
      if (what === when) controller.abort()
    }
    await expect(
      calibrate({ quick: true, signal: controller.signal, onProgress }),
    ).rejects.toMatchObject({ name: 'CalibrationStoppedError' })
  },
)
