/** The profile `host` of made-up figures: what is measured, what is taken over, and that it is in order. */
import { CYCLE_TEXTS, findProfile, type MachineProfile, parseProfile } from '@mmgather/core'
import { describe, expect, test } from 'vitest'

import type { Calibration } from '../../src/calibrate/calibrate.ts'
import { hostProfile, keysTakenOver, nearestProfile } from '../../src/calibrate/host-profile.ts'
import { lessOf, type Sampled, sampledOf } from '../../src/calibrate/sampled.ts'

const ns = (median: number): Sampled => ({
  median,
  min: median,
  max: median,
  samples: 3,
  isNoisy: false,
})

function calibrationOf(changes: Partial<Calibration> = {}): Calibration {
  return {
    cpuModel: 'Some CPU @ 2.00GHz',
    cores: 4,
    mhz: ns(2000),
    access: ns(2),
    atomic: ns(10),
    unlock: ns(0),
    memory: ns(5),
    clearPage: ns(200),
    copyPage: ns(400),
    transfers: [{ distance: 2, ns: ns(50), pairs: ['0-1'] }],
    topology: undefined,
    bufferBytes: 2 ** 26,
    notes: ['something was odd'],
    ...changes,
  }
}

function nearest(): MachineProfile {
  const profile = findProfile('xeon-4210r')
  if (profile === undefined) throw new Error('xeon-4210r does not ship')
  return profile
}

test('is valid; measured figures are cycles of the measured clock, of one at least', () => {
  const profile = hostProfile(calibrationOf(), nearest())
  expect(parseProfile(structuredClone(profile))).toEqual(profile)
  expect(profile.mhz.value).toBe(2000)
  const { access, atomic, unlock, transferCluster } = profile.cycles
  expect([access, atomic, unlock, transferCluster].map(({ value }) => value)).toEqual([
    4, 20, 1, 100,
  ])
  expect(access.source).toMatch(/^measured: .*3 samples, 2\.00 to 2\.00 ns$/)
  expect(profile.description).toContain('Note: something was odd.')
})

test('the rest is that of the nearest profile, in the same time, and says so', () => {
  const profile = hostProfile(calibrationOf(), nearest())
  const { ipiLatency } = nearest().cycles
  expect(profile.cycles.ipiLatency.value).toBe(Math.round((ipiLatency.value * 2000) / 3200))
  expect(profile.cycles.ipiLatency.source).toMatch(
    /^from xeon-4210r, \d+ cycles at 3200 MHz, scaled/,
  )
  expect(keysTakenOver(profile, 'xeon-4210r')).toEqual(
    expect.arrayContaining(['irqSave', 'ipiSend', 'pageFault', 'transferRemote']),
  )
  expect(keysTakenOver(profile, 'xeon-4210r')).not.toContain('atomic')
})

test('a distance that was not measured is no nearer than one that was, and no farther than the next', () => {
  const slow = hostProfile(
    calibrationOf({ transfers: [{ distance: 2, ns: ns(900), pairs: [] }] }),
    nearest(),
  )
  const { transferCluster, transferSocket, transferRemote } = slow.cycles
  expect([transferCluster.value, transferSocket.value, transferRemote.value]).toEqual([
    1800, 1800, 1800,
  ])
  const quick = hostProfile(
    calibrationOf({ transfers: [{ distance: 2, ns: ns(3), pairs: [] }] }),
    nearest(),
  )
  expect(quick.cycles.transferSmt.value).toBe(6)
})

test('answering a waiter is half of a line within the socket, if that was measured', () => {
  expect(hostProfile(calibrationOf(), nearest()).cycles.serveWaiter.value).toBe(50)
  const { serveWaiter } = hostProfile(calibrationOf({ transfers: [] }), nearest()).cycles
  expect(serveWaiter.source).toMatch(/^from xeon-4210r, /)
})

test('with one core everything between CPUs is taken over', () => {
  const profile = hostProfile(calibrationOf({ transfers: [] }), nearest())
  expect(keysTakenOver(profile, 'xeon-4210r')).toEqual(
    expect.arrayContaining(['transferSmt', 'transferCluster', 'transferSocket', 'transferRemote']),
  )
})

test('a model name of any length and alphabet makes a title', () => {
  for (const cpuModel of ['x'.repeat(300), 'CPU\u0000\n™ 3', '']) {
    const profile = hostProfile(calibrationOf({ cpuModel }), nearest())
    expect(() => parseProfile(structuredClone(profile))).not.toThrow()
  }
})

test('every key of a profile is there', () => {
  const { cycles } = hostProfile(calibrationOf(), nearest())
  expect(Object.keys(cycles).toSorted()).toEqual(CYCLE_TEXTS.map(([key]) => key).toSorted())
})

describe('the nearest profile', () => {
  test.each([
    ['Apple M3', 'darwin', 'arm64', 'apple-m2'],
    ['unknown', 'linux', 'arm64', 'altra-80'],
    ['AMD EPYC 7763 64-Core Processor', 'linux', 'x64', 'epyc-zen4'],
    ['Intel(R) Xeon(R) Gold 6242', 'linux', 'x64', 'xeon-4210r'],
    ['', 'win32', 'x64', 'xeon-4210r'],
  ])('of %s on %s %s is %s', (cpuModel, platform, arch, name) => {
    expect(nearestProfile({ cpuModel, topology: undefined }, { platform, arch }).name).toBe(name)
  })
})

test('samples: median, ends, and noise when a quarter lies far above another', () => {
  expect(sampledOf([12, 10, 11])).toEqual({
    median: 11,
    min: 10,
    max: 12,
    samples: 3,
    isNoisy: false,
  })
  expect(sampledOf([10, 10, 10, 10, 500]).isNoisy).toBe(false)
  expect(sampledOf([10, 10, 11, 20, 30]).isNoisy).toBe(true)
  expect(lessOf(ns(5), ns(7)).median).toBe(0)
})
