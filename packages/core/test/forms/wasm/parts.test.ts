/**
 * Kernels that are put together from compiled parts: their bytes are those of kernels that are compiled whole, whatever a
 * strategy changes, and little is parsed for them.
 */
import { readdirSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { exportedRecords } from '../../../src/forms/users/check.ts'
import { WasmCompileError } from '../../../src/forms/wasm/errors.ts'
import { compileKernel, describeKernel } from '../../../src/forms/wasm/kernel.ts'
import type { KernelParts } from '../../../src/forms/wasm/parts.ts'
import { STRATEGIES } from '../../../src/mm/strategies/index.ts'
import { readSource } from './support.ts'

const ids = STRATEGIES.map(({ strategy }) => strategy.id)
const made = describeKernel(ids, readSource)
/** As the build writes them down and others read them. */
const parts: KernelParts = {
  index: JSON.parse(JSON.stringify(made.index)) as KernelParts['index'],
  bytes: made.bytes,
}

/** A strategy of this text with the kernel around it. */
function compiled(text: string, name: string, withParts: boolean) {
  const read = new Set<string>()
  const bytes = compileKernel({
    strategy: 'mine',
    record: { file: '/user/mine.ts', name },
    extra: ['/user/mine.ts'],
    read: (file) => {
      if (file.startsWith('/user/')) return text
      read.add(file)
      return readSource(file)
    },
    nameOf: (file) => file.replace('/user/', ''),
    ...(withParts && { parts }),
  })
  return { bytes, read }
}

/** Is the module the same with parts and without? */
function isSame(text: string, name: string): boolean {
  const [put, whole] = [true, false].map((withParts) => compiled(text, name, withParts).bytes)
  return Buffer.compare(put ?? new Uint8Array(), whole ?? new Uint8Array()) === 0
}

test.each(ids)('%s', (strategy) => {
  const whole = compileKernel({ strategy, read: readSource })
  const read: string[] = []
  const put = compileKernel({
    strategy,
    read: (file) => {
      read.push(file)
      return readSource(file)
    },
    parts,
  })
  expect(Buffer.compare(put, whole)).toBe(0)
  // whose record has this id; no function is compiled
  expect(read.every((file) => file.includes('/strategies/') || file.endsWith('/swap.ts'))).toBe(
    true,
  )
})

const DOCUMENTED = new URL('../../../../../docs/strategies/', import.meta.url)

test.each(readdirSync(DOCUMENTED))('docs/strategies/%s', (file) => {
  const text = readFileSync(new URL(file, DOCUMENTED), 'utf8')
  const names = exportedRecords(file, text)
  expect(names).not.toEqual([])
  for (const name of names) expect(isSame(text, name)).toBe(true)
})

const HEAD = `
import { countEvents, defineStrategy, freePagesAndSwapCache, linux65, linux612, rangeV1, rangeV2, splitHugePmd, type Strategy } from '@mmgather/core/kernel'
import { E_FREE_CHUNKS, load, store } from '@mmgather/core/machine'
import { atomicAdd } from '@mmgather/core/sync'
`

const STRATEGIES_OF_USERS: Record<string, string> = {
  'another id': "defineStrategy({ ...rangeV2, id: 'mine' })",
  'integers that no strategy that ships has together':
    "defineStrategy({ ...linux612, id: 'mine', pagevecSize: 7, pcpBatchScaleMax: 3 })",
  'functions of another strategy':
    "defineStrategy({ ...rangeV1, id: 'mine', plain: { ...rangeV1.plain, ...linux65.plain } })",
  'a function in place of one that is inlined, and one in place of one that is not':
    "defineStrategy({ ...linux65, id: 'mine', freeSlotsAndSwapCache: count })",
  'a function that is called by what it calls':
    "defineStrategy({ ...linux65, id: 'mine', freeSlotsAndSwapCache: again })",
  'a function that calls itself by way of the kernel':
    "defineStrategy({ ...linux65, id: 'mine', folioRemoveRmapPmd: round })",
  'functions that call each other':
    "defineStrategy({ ...linux65, id: 'mine', freeSlotsAndSwapCache: ping })",
}

const FUNCTIONS = `
function count(cpu: number, slots: number, nr: number): void {
  countEvents(cpu, E_FREE_CHUNKS, 1)
  freePagesAndSwapCache(cpu, slots, nr)
}
function again(cpu: number, slots: number, nr: number): void {
  if (nr > 3) again(cpu, slots, nr - 1)
  atomicAdd(1, slots)
}
function round(cpu: number, folio: number, vma: number, strategy: Strategy): void {
  if (folio > 3) splitHugePmd(cpu, vma, folio, vma, 0, strategy)
}
function ping(cpu: number, slots: number, nr: number): void {
  if (nr > 3) pong(cpu, slots, nr - 1)
}
function pong(cpu: number, slots: number, nr: number): void {
  store(slots, load(slots) + nr)
  ping(cpu, slots, nr)
}
`

describe("strategies of users' files", () => {
  test.each(Object.entries(STRATEGIES_OF_USERS))('%s', (_, record) => {
    expect(isSame(`${HEAD}${FUNCTIONS}export const mine = ${record}\n`, 'mine')).toBe(true)
  })

  test('a change of one member has little parsed', () => {
    const record = "defineStrategy({ ...linux65, id: 'mine', freeSlotsAndSwapCache: again })"
    const text = `${HEAD}${FUNCTIONS}export const mine = ${record}\n`
    const [few, all] = [true, false].map((withParts) => compiled(text, 'mine', withParts).read.size)
    expect(few).toBeLessThan((all ?? 0) / 5)
  })

  test('what is refused is refused in the same words', () => {
    const text = `${HEAD}
function wrong(cpu: number, slots: number, nr: boolean): void {
  if (slots) store(slots, 1)
}
export const mine = defineStrategy({ ...linux65, id: 'mine', freeSlotsAndSwapCache: wrong })
`
    const refused = (withParts: boolean): readonly string[] => {
      try {
        compiled(text, 'mine', withParts)
        return []
      } catch (error) {
        return error instanceof WasmCompileError ? error.violations : [String(error)]
      }
    }
    expect(refused(true)).toEqual(refused(false))
    expect(refused(true).length).toBeGreaterThan(1)
  })
})
