/**
 * A report of the virtual engine follows from the scenario, the seed, the options and the version, to the byte.
 *
 * fixtures/reports.json has runs and the SHA-256 of the JSON text of their reports, as the engine made them when it was
 * last meant to change; scripts/determinism.ts makes the same from the built package. Compiled text makes them, too.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, hostname, release, tmpdir, userInfo } from 'node:os'
import { afterAll, describe, expect, test } from 'vitest'

import { overrideScenario, presetScenario, runVirtual } from '../../../src/index.ts'
import type {
  RunReport,
  RunVirtualOptions,
  ScenarioOverrides,
  VirtualKernel,
} from '../../../src/index.ts'
import { shippedProfile, virtualKernel } from './support.ts'

interface Case {
  preset: string
  overrides: ScenarioOverrides
  profile: string
  options: RunVirtualOptions
  sha256: string
}

const FILE = new URL('fixtures/reports.json', import.meta.url)
const RENEW =
  'if the engine, the kernel text or a profile is meant to have changed: UPDATE_HASHES=1 npm test -- packages/core/test/engines/virtual/determinism, and commit fixtures/reports.json'

const cases = JSON.parse(readFileSync(FILE, 'utf8')) as Case[]
const isUpdate = process.env['UPDATE_HASHES'] === '1'

function reportOf(
  { preset, overrides, profile, options }: Case,
  kernel?: VirtualKernel,
): RunReport {
  const scenario = overrideScenario(presetScenario(preset), overrides)
  const given = { ...options, profile: shippedProfile(profile), ...(kernel && { kernel }) }
  return runVirtual(scenario, given)
}

describe('stored runs', () => {
  test.for(cases)('$preset on $profile', (one) => {
    const text = JSON.stringify(reportOf(one))
    const { strategy } = overrideScenario(presetScenario(one.preset), one.overrides)
    expect(JSON.stringify(reportOf(one, virtualKernel(strategy)))).toBe(text)
    const sha256 = createHash('sha256').update(text).digest('hex')
    if (isUpdate) one.sha256 = sha256
    expect({ sha256, RENEW }).toEqual({ sha256: one.sha256, RENEW })
  })

  afterAll(() => {
    if (isUpdate) writeFileSync(FILE, `${JSON.stringify(cases, undefined, 2)}\n`)
  })
})

function first(): Case {
  const [one] = cases
  if (one === undefined) throw new Error('no case is stored')
  return one
}

test('the same run twice gives the same report', () => {
  const text = JSON.stringify(reportOf(first()))
  expect(JSON.stringify(reportOf(first()))).toBe(text)
})

test('another seed gives another report', () => {
  const one = first()
  const times = [1, 2].map((seed) =>
    JSON.stringify(reportOf({ ...one, overrides: { ...one.overrides, seed } }).time),
  )
  expect(times[0]).not.toBe(times[1])
})

test('nothing of the host is in a report', () => {
  const text = JSON.stringify(reportOf(first()))
  const values = [hostname(), process.platform, arch(), release()].map((fact) =>
    JSON.stringify(fact),
  )
  const parts = [userInfo().homedir, process.cwd(), process.execPath, tmpdir(), process.version]
  const today = new Date().toISOString().slice(0, 10)
  const facts = [...values, ...parts, today, cpus()[0]?.model ?? process.version]
  for (const fact of facts) expect(text).not.toContain(fact)
})
