/** The compiled loops do what they say, for every way to release. */
import { allocateSharedMemory } from '@mmgather/core'
import { describe, expect, test } from 'vitest'

import {
  CHASE_OPS,
  compileLoops,
  EXCHANGE_OPS,
  LINE,
  LINE_PAIR,
  PAGE,
} from '../../src/calibrate/loops.ts'
import { measureAlone } from '../../src/calibrate/measure.ts'

describe.each(['x64', 'arm64'])('%s', (arch) => {
  const memory = allocateSharedMemory(32 * PAGE)
  const words = new Int32Array(memory.buffer)
  const loops = compileLoops(memory, arch)
  const at = (address: number): number => words[address / 4] ?? Number.NaN

  test('chase follows addresses, CHASE_OPS in a round', () => {
    const ring = [PAGE, PAGE + LINE, PAGE + 2 * LINE]
    for (const [i, address] of ring.entries()) words[address / 4] = ring[(i + 1) % 3] ?? 0
    expect(loops.chase(PAGE, 1)).toBe(ring[CHASE_OPS % 3])
    expect(loops.chase(PAGE, 3)).toBe(PAGE)
  })

  test('exchanges leave their value, and touch nothing beside it', () => {
    words.fill(7, PAGE / 4, PAGE / 4 + 3)
    loops.exchanges(PAGE + 4, 5)
    expect([at(PAGE), at(PAGE + 4), at(PAGE + 8)]).toEqual([7, 1, 7])
    expect(EXCHANGE_OPS).toBeGreaterThan(1)
  })

  test('a lock is free after lockUnlock, and after lock as it was', () => {
    words[PAGE / 4] = 0
    loops.lockUnlock(PAGE, 10)
    expect(at(PAGE)).toBe(0)
    loops.lock(PAGE, 10)
    expect(at(PAGE)).toBe(0)
  })

  test('stream reads the first word of each line up to the end', () => {
    words.fill(0)
    for (let line = 0; line < 8; line++) words[(PAGE + line * LINE) / 4] = 10 ** line
    words[(PAGE + 4) / 4] = 5
    expect(loops.stream(PAGE, PAGE + 4 * LINE)).toBe(1111)
  })

  test('pages are cleared and copied within their bounds', () => {
    words.fill(1)
    loops.clearPages(2 * PAGE, 4 * PAGE)
    expect([at(2 * PAGE - 4), at(2 * PAGE), at(4 * PAGE - 4), at(4 * PAGE)]).toEqual([1, 0, 0, 1])
    loops.copyPages(2 * PAGE, 4 * PAGE, 8 * PAGE)
    const ends = [at(10 * PAGE - 4), at(10 * PAGE), at(12 * PAGE - 4), at(12 * PAGE)]
    expect(ends).toEqual([1, 0, 0, 1])
  })

  test('a thread alone takes a ticket lock as often as told', () => {
    words.fill(0)
    loops.ticketLock(PAGE, 12)
    expect([at(PAGE), at(PAGE + LINE_PAIR)]).toEqual([12, 12])
  })

  test('a turn of ping-pong ends when the word has the other parity', () => {
    words[PAGE / 4] = 0
    loops.pingPong(PAGE, 0, 1)
    loops.pingPong(PAGE, 1, 1)
    expect(at(PAGE)).toBe(2)
  })
})

test.each([
  'clock',
  'access',
  'atomic',
  'lock',
  'lockUnlock',
  'memory',
  'clearPage',
  'copyPage',
] as const)('%s has a positive time in each sample', (kind) => {
  const memory = allocateSharedMemory(64 * PAGE)
  const ns = measureAlone(compileLoops(memory), memory, kind, 3)
  expect(ns).toHaveLength(3)
  expect(ns.every((value) => value > 0)).toBe(true)
})
