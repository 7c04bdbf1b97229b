import { createMachine, populate, runOneCpu, strategyOf, verify } from '@mmgather/core'
import { expect, test } from 'vitest'

import { runLiveWith } from '../src/run-live.ts'
import { StateBefore } from '../src/state-before.ts'
import { forkShared } from './support.ts'

/** The state before so many runs, and how often it was built. */
function stateBefore(runs: number, copyBytesMax?: number) {
  const scenario = forkShared(1)
  const machine = createMachine(scenario)
  const built = { times: 0 }
  const build = () => {
    built.times++
    return populate(machine, scenario)
  }
  const state = new StateBefore(machine, build, runs, copyBytesMax)
  return { state, machine, scenario, built }
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i])
}

test('each run finds the words that populate makes, and its census; they are built once', () => {
  const { state, machine, scenario, built } = stateBefore(3)
  const census = state.restore()
  const words = machine.words.slice()
  for (let run = 0; run < 3; run++) {
    runOneCpu(machine, strategyOf(scenario))
    expect(isSame(machine.words, words)).toBe(false)
    expect(state.restore()).toBe(census)
    expect(isSame(machine.words, words)).toBe(true)
    expect(verify(machine, census)).toEqual([])
  }
  expect(built.times).toBe(1)
})

test('machines that are too large to be kept twice are built for each run', () => {
  const { state, machine, scenario, built } = stateBefore(2, 1024)
  state.restore()
  const words = machine.words.slice()
  runOneCpu(machine, strategyOf(scenario))
  state.restore()
  expect(isSame(machine.words, words)).toBe(true)
  expect(built.times).toBe(2)
})

test('a single run keeps no copy', () => {
  const { state, built } = stateBefore(1)
  state.restore()
  state.restore()
  expect(built.times).toBe(2)
})

test('runs leave V8 no arrays to collect while CPU threads run', async () => {
  const pages = 1 << 14
  const arrays: number[] = []
  const onDone = () => arrays.push(process.memoryUsage().arrayBuffers)
  const scenario = forkShared(1, {}, { pages })
  await runLiveWith(scenario, { runs: 6, warmup: 0, verify: true }, { onDone })
  // the first runs populate the machine, copy it, and find out how much verify needs
  const steady = arrays.slice(2)
  expect(steady).toHaveLength(4)
  // building takes 270 KB of this machine, verifying 660
  const grown = Math.max(...steady.map((bytes, i) => bytes - (steady[i - 1] ?? bytes)))
  expect(grown).toBeLessThan(4 * pages)
})
