/** The thread of the virtual engine makes the stored reports of core, to the byte: see fixtures/reports.json there. */
import {
  findProfile,
  type MachineProfile,
  overrideScenario,
  presetScenario,
  type ScenarioOverrides,
} from '@mmgather/core'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

import { runVirtualInThread, type RunVirtualInThreadOptions } from '../src/run-virtual.ts'

interface Case {
  preset: string
  overrides: ScenarioOverrides
  profile: string
  options: RunVirtualInThreadOptions
  sha256: string
}

const FILE = new URL('../../core/test/engines/virtual/fixtures/reports.json', import.meta.url)
const cases = JSON.parse(readFileSync(FILE, 'utf8')) as Case[]

test.for(cases)('$preset on $profile', async ({ preset, overrides, profile, options, sha256 }) => {
  const report = await runVirtualInThread(overrideScenario(presetScenario(preset), overrides), {
    ...options,
    profile: findProfile(profile) as MachineProfile,
  })
  expect(createHash('sha256').update(JSON.stringify(report)).digest('hex')).toBe(sha256)
})
