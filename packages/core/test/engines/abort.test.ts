/**
 * How much a CPU still does once a run is given up: it looks at the abort word between two page tables and between two
 * chunks that it frees, and while it waits, in both forms of its code. So what lies between the word and the CPU's leaving
 * is counted here, in work and not in time.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { compileKernel } from '../../src/forms/wasm/kernel.ts'
import {
  AbortError,
  bindLiveCpu,
  bindMachine,
  CONTROL,
  cpuAddress,
  cpuMain,
  createMachine,
  CTL_ABORT,
  findStrategy,
  instantiateKernel,
  kernelModule,
  type Machine,
  parseScenario,
  populate,
  type Strategy,
} from '../../src/index.ts'
import { LRUVEC_BASE } from '../../src/machine/globals.ts'
import { LRUVEC_LOCK } from '../../src/machine/layout.ts'
import { readSource } from '../forms/wasm/support.ts'

const PTES_PER_TABLE = 512
const TEXT = 'packages/core/test/engines/told.ts'
const HOST = 'packages/core/test/engines/told-host.ts'

/** A strategy that tells of each rmap removal and of each chunk that it frees. */
const TELLING = `
import { told } from './told-host.ts'
import { linux65Laf } from '../../src/mm/strategies/linux-6.5.ts'
import { freePagesAndSwapCache } from '../../src/mm/swap-state.ts'
import { pageRemoveRmap } from '../../src/mm/rmap.ts'
function remove(cpu: number, folio: number, page: number, nr: number, vma: number, strategy: Strategy): void {
  told(0)
  pageRemoveRmap(cpu, folio, page, nr, vma, strategy)
}
function free(cpu: number, slots: number, nr: number): void {
  told(1)
  freePagesAndSwapCache(cpu, slots, nr)
}
export const telling: Strategy = {
  ...linux65Laf,
  id: 'telling',
  folioRemoveRmapPtes: remove,
  freeSlotsAndSwapCache: free,
}
`
const TOLD = 'export function told(_what: number): void {}'

const bytes = compileKernel({
  strategy: 'telling',
  read: (file) => ({ [TEXT]: TELLING, [HOST]: TOLD })[file] ?? readSource(file),
  extra: [TEXT, HOST],
  isExtraHost: (file) => file === HOST,
})

type Form = 'wasm' | 'js'

function machineOf(pages: number): Machine {
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'abort',
    strategy: 'linux-6.5-laf',
    processes: [
      { name: 'worker', count: 2, vmas: [{ kind: 'anon', pages, folios: [{ order: 0 }] }] },
    ],
  })
  const machine = createMachine(scenario)
  populate(machine, scenario)
  bindMachine(machine)
  bindLiveCpu({ cpu: cpuAddress(0) })
  return machine
}

/** Runs CPU 0, with `told` called where the text tells of something. */
function run(form: Form, machine: Machine, told: (what: number) => void): void {
  const cpu = cpuAddress(0)
  if (form === 'wasm') {
    instantiateKernel(kernelModule(bytes), machine, { told }).cpuMain(cpu)
    return
  }
  const base = findStrategy('linux-6.5-laf') as Strategy
  cpuMain(cpu, {
    ...base,
    folioRemoveRmapPtes: (...args) => {
      told(0)
      base.folioRemoveRmapPtes(...args)
    },
    freeSlotsAndSwapCache: (...args) => {
      told(1)
      base.freeSlotsAndSwapCache(...args)
    },
  })
}

function giveUp(machine: Machine): void {
  Atomics.store(machine.words, CONTROL + CTL_ABORT, 1)
}

describe.each(['wasm', 'js'] as const)('a run that is given up: %s', (form) => {
  test('the CPU leaves before another table, and before another chunk', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.boolean(),
      (when, freeing) => {
        const machine = machineOf(1500)
        const kind = freeing ? 1 : 0
        const at = freeing ? (when % 6) + 1 : when
        const before = [0, 0]
        const after = [0, 0]
        const leave = () =>
          run(form, machine, (what) => {
            const counts = (before[kind] ?? 0) < at ? before : after
            counts[what] = (counts[what] ?? 0) + 1
            if (before[kind] === at) giveUp(machine)
          })
        expect(leave).toThrow(AbortError)
        expect(before[kind]).toBe(at)
        expect(after[0]).toBeLessThan(PTES_PER_TABLE)
        // a visit that ends because the gather is full frees one chunk before the CPU looks
        expect(after[1]).toBeLessThanOrEqual(freeing ? 0 : 1)
      },
    )
    fc.assert(property, { numRuns: 25 })
  })

  test('one that waits for a lock leaves without it', () => {
    const machine = machineOf(1500)
    machine.words[LRUVEC_BASE + LRUVEC_LOCK] = 1
    // it would wait for ever: nobody unlocks
    const leave = () =>
      run(form, machine, (what) => {
        if (what === 1) giveUp(machine)
      })
    expect(leave).toThrow(AbortError)
    expect(machine.words[LRUVEC_BASE + LRUVEC_LOCK]).toBe(1)
  })
})
