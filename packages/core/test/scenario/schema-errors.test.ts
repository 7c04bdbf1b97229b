/**
 * What parsing says about input of the wrong form: each kind of mistake with its exact message.
 */
import { describe, expect, test } from 'vitest'

import { parseScenario } from '../../src/scenario/parse-scenario.ts'
import { errorOf, groupsOf, messageOf, scenarioOf, textMessageOf, vmasOf } from './support.ts'

const PATTERN = [{ kind: 'anon', pages: 16 }]
const withMachine = (machine: object) => ({ ...scenarioOf(), machine })
const withVma = (vma: object) => ({ ...scenarioOf(), processes: [{ vmas: [vma] }] })

describe('unknown keys', () => {
  test.each([
    [
      withMachine({ lok: 'ttas' }),
      'machine.lok: unknown key; allowed cpus, memmap, sectionSizeBits, sectionPlacement, pageTables, lock, deal, lruvecs, swap, initOnFree, memcgStock, memory, pcp, gatherPages, placement; did you mean lock?',
    ],
    [
      withMachine({ pcp: { bach: 1 } }),
      'machine.pcp.bach: unknown key; allowed batch, high, highMin, highMax, count, lists, freeFactor, freeCount, freeHighBatch, drain; did you mean batch?',
    ],
    [
      { ...scenarioOf(), files: [{ name: 'f', pages: 1, shmen: true }] },
      'files[0].shmen: unknown key; allowed name, pages, folios, shmem, memcg, dirtyFolios, active, referenced; did you mean shmem?',
    ],
    [
      withVma({ kind: 'anon', pages: 1, folios: [{ ordr: 3 }] }),
      'processes[0].vmas[0].folios[0].ordr: unknown key; allowed order, count, memcg; did you mean order?',
    ],
    [
      withVma({ kind: 'anon', pages: 1, holes: { every: 1, lenght: 3 } }),
      'processes[0].vmas[0].holes.lenght: unknown key; allowed from, every, length; did you mean length?',
    ],
    [
      withVma({ kind: 'anon', pages: 1, runs: [{ at: 0, pages: 1, folio: 0, foo: 3 }] }),
      'processes[0].vmas[0].runs[0].foo: unknown key; allowed at, pages, folio, page, mapped, dirty, young',
    ],
    [
      { ...scenarioOf(), teardown: [{ munmap: { vma: 0, pages: 1, form: 0 } }] },
      'teardown[0].munmap.form: unknown key; allowed vma, from, pages; did you mean from?',
    ],
    [
      { ...scenarioOf(), NUMA: 2 },
      'NUMA: unknown key; allowed schema, name, description, strategy, seed, machine, tunables, files, folios, processes, teardown',
    ],
  ])('%#', (input, message) => {
    expect(messageOf(input)).toBe(message)
  })

  test('a key of another kind of VMA', () => {
    expect(messageOf(withVma({ kind: 'zero', pages: 1, file: 'f' }))).toMatch(
      /^processes\[0\]\.vmas\[0\]\.file: unknown key; allowed kind, pages, start, /,
    )
  })

  test('__proto__ and constructor are keys like others', () => {
    const text =
      '{ "schema": "mmgather/scenario@1", "processes": [{ "vmas": [{ "kind": "zero", "pages": 1 }] }], "__proto__": {}, "constructor": 1 }'
    expect(textMessageOf(text)).toMatch(
      /^1:\d+: __proto__: unknown key; .*\n1:\d+: constructor: unknown key; /,
    )
  })
})

describe('wrong types', () => {
  test.each([
    [
      withMachine({ cpus: '4' }),
      'machine.cpus: must be an integer (got "4"); allowed an integer from 1 to 1024; write 4, without quotes',
    ],
    [
      withMachine({ cpus: 'four' }),
      'machine.cpus: must be an integer (got "four"); allowed an integer from 1 to 1024',
    ],
    [
      withMachine({ cpus: 1.5 }),
      'machine.cpus: must be an integer (got 1.5); allowed an integer from 1 to 1024',
    ],
    [
      withMachine({ cpus: Number.NaN }),
      'machine.cpus: must be an integer (got NaN); allowed an integer from 1 to 1024',
    ],
    [
      withMachine({ cpus: 1n }),
      'machine.cpus: must be an integer (got 1); allowed an integer from 1 to 1024',
    ],
    [
      withMachine({ cpus: null }),
      'machine.cpus: must be an integer (got null); allowed an integer from 1 to 1024',
    ],
    [
      withMachine({ cpus: [1] }),
      'machine.cpus: must be an integer (got a list of 1); allowed an integer from 1 to 1024',
    ],
    [
      withMachine({ swap: 'no' }),
      'machine.swap: must be true or false (got "no"); allowed true or false; write true or false, without quotes',
    ],
    [
      withMachine({ swap: 1 }),
      'machine.swap: must be true or false (got 1); allowed true or false',
    ],
    [
      { ...scenarioOf(), name: 2024 },
      "name: must be text (got 2024); allowed one line of text of 0 to 200 characters; put it in quotes: '2024'",
    ],
    [
      { ...scenarioOf(), machine: [] },
      'machine: must be a map of keys (got a list of 0); allowed a map of keys',
    ],
    [
      { ...scenarioOf(), processes: {} },
      'processes: must be a list (got a map); allowed a list of 1 to 100000 entries',
    ],
    [
      { ...scenarioOf(), processes: [] },
      'processes: is too short (got a list of 0); allowed a list of 1 to 100000 entries',
    ],
    [
      { ...scenarioOf(), processes: [{}] },
      'processes[0].vmas: is missing; allowed a list of 1 to 65536 entries, or none beside a program',
    ],
    [
      withVma({ kind: 'anon', pages: 1, young: 'some' }),
      'processes[0].vmas[0].young: is not of an allowed form (got "some"); allowed none, all or { from: 0, every: N, length: 1 }',
    ],
    [
      withVma({ kind: 'anon', pages: 1, young: {} }),
      'processes[0].vmas[0].young.every: is missing; allowed an integer from 1 to 16777216',
    ],
    [
      withVma({ kind: 'anon', pages: 1, label: undefined }),
      'processes[0].vmas[0].label: must not be undefined; allowed one line of text of 0 to 4096 characters; leave the key out',
    ],
    [
      withVma({ pages: 1 }),
      'processes[0].vmas[0].kind: is missing; allowed one of anon, file, device, zero, pfnmap',
    ],
    [
      withVma({ kind: 'fil', pages: 1 }),
      'processes[0].vmas[0].kind: is not of an allowed form (got "fil"); allowed one of anon, file, device, zero, pfnmap; did you mean file?',
    ],
    [
      { ...scenarioOf(), processes: [{ vmas: [3] }] },
      'processes[0].vmas[0]: must be a map of keys (got 3); allowed a map of keys',
    ],
    [
      { ...scenarioOf(), teardown: 'exti' },
      'teardown: is not of an allowed form (got "exti"); allowed exit, or a list of exit or { munmap: { vma: 0, from: 0, pages: N } }; did you mean exit?',
    ],
    [
      { ...scenarioOf(), teardown: [] },
      'teardown: is too short (got a list of 0); allowed a list of 1 to 65536 entries',
    ],
    [{ ...scenarioOf(), teardown: [{}] }, 'teardown[0].munmap: is missing; allowed a map of keys'],
    [
      { ...scenarioOf(), teardown: ['munmap'] },
      'teardown[0]: is not of an allowed form (got "munmap"); allowed exit or { munmap: { vma: 0, from: 0, pages: N } }',
    ],
    [
      { ...scenarioOf(), schema: 'mmgather/scenario@2' },
      'schema: is not one of the values (got "mmgather/scenario@2"); allowed mmgather/scenario@1; did you mean mmgather/scenario@1?',
    ],
    [{ processes: [{ vmas: PATTERN }] }, 'schema: is missing; allowed mmgather/scenario@1'],
    [
      null,
      'must be a map of keys (got null); allowed a map of keys; a scenario starts with the line `schema: mmgather/scenario@1`',
    ],
    [undefined, 'must not be undefined; allowed a map of keys; leave the key out'],
  ])('%#', (input, message) => {
    expect(messageOf(input)).toBe(message)
  })
})

describe('bounds', () => {
  test.each([
    [
      withMachine({ cpus: 0 }),
      'machine.cpus: is too small (got 0); allowed an integer from 1 to 1024',
    ],
    [
      withMachine({ cpus: 1025 }),
      'machine.cpus: is too large (got 1025); allowed an integer from 1 to 1024',
    ],
    [
      withMachine({ cpus: 1e300 }),
      'machine.cpus: is too large (got 1e+300); allowed an integer from 1 to 1024',
    ],
    [
      withMachine({ lruvecs: 1025 }),
      'machine.lruvecs: is too large (got 1025); allowed an integer from 0 to 1024',
    ],
    [
      withMachine({ lock: 'mcs' }),
      'machine.lock: is not one of the values (got "mcs"); allowed one of ttas, ticket, qspinlock',
    ],
    [
      withMachine({ lock: 'qspinlok' }),
      'machine.lock: is not one of the values (got "qspinlok"); allowed one of ttas, ticket, qspinlock; did you mean qspinlock?',
    ],
    [
      { ...scenarioOf(), seed: 2 ** 31 },
      'seed: is too large (got 2147483648); allowed an integer from 0 to 2147483647',
    ],
    [
      { ...scenarioOf(), tunables: { pagevecSize: 0 } },
      'tunables.pagevecSize: is too small (got 0); allowed an integer from 1 to 255',
    ],
    [
      withVma({ kind: 'anon', pages: 0 }),
      'processes[0].vmas[0].pages: is too small (got 0); allowed an integer from 1 to 16777216',
    ],
    [
      withVma({ kind: 'anon', pages: -4 }),
      'processes[0].vmas[0].pages: is too small (got -4); allowed an integer from 1 to 16777216',
    ],
    [
      withVma({ kind: 'anon', pages: 1, folios: [{ order: 11 }] }),
      'processes[0].vmas[0].folios[0].order: is too large (got 11); allowed an integer from 0 to 10',
    ],
    [
      withVma({ kind: 'anon', pages: 1, folios: [] }),
      'processes[0].vmas[0].folios: is too short (got a list of 0); allowed a list of 1 to 16777216 entries',
    ],
    [
      { ...scenarioOf(), processes: [{ count: 100_001, vmas: PATTERN }] },
      'processes[0].count: is too large (got 100001); allowed an integer from 1 to 100000',
    ],
    [
      { ...scenarioOf(), processes: [{ memcg: 'a b', vmas: PATTERN }] },
      'processes[0].memcg: is not of an allowed form (got "a b"); allowed root, or names of letters, digits, _ . - joined by /, as a/b',
    ],
    [
      { ...scenarioOf(), processes: [{ memcg: 'root/a', vmas: PATTERN }] },
      'processes[0].memcg: is not of an allowed form (got "root/a"); allowed root, or names of letters, digits, _ . - joined by /, as a/b',
    ],
    [
      { ...scenarioOf(), name: 'two\nlines' },
      'name: is not of an allowed form (got "two\\nlines"); allowed one line of text of 0 to 200 characters',
    ],
    [
      { ...scenarioOf(), name: 'x'.repeat(201) },
      `name: is too long (got "${'x'.repeat(56)}...); allowed one line of text of 0 to 200 characters`,
    ],
    [
      { ...scenarioOf(), strategy: '' },
      'strategy: is too short (got ""); allowed one line of text of 1 to 4096 characters',
    ],
  ])('%#', (input, message) => {
    expect(messageOf(input)).toBe(message)
  })
})

describe('start', () => {
  const ALLOWED = "; allowed a multiple of 4096 below 0x800000000000, in bytes, as '0x7f0000000000'"
  test.each([
    [4097, `is not on a page boundary (got 4097)${ALLOWED}`],
    ['0x1800', `is not on a page boundary (got "0x1800")${ALLOWED}`],
    ['0x800000000000', `is not a user address (got "0x800000000000")${ALLOWED}`],
    [2 ** 47, `is too large (got 140737488355328)${ALLOWED}`],
    [-4096, `is too small (got -4096)${ALLOWED}`],
    ['7f0000000000', `is not of an allowed form (got "7f0000000000")${ALLOWED}`],
    [true, `is not of an allowed form (got true)${ALLOWED}`],
  ])('%s', (start, message) => {
    expect(messageOf(withVma({ kind: 'anon', pages: 1, start }))).toBe(
      `processes[0].vmas[0].start: ${message}`,
    )
  })
})

test('all issues at once, with their parts', () => {
  const error = errorOf(() =>
    parseScenario({ ...scenarioOf(), seed: -1, machine: { cpus: 0 }, foo: 1 }),
  )
  expect(error.name).toBe('ScenarioError')
  expect(error.source).toBeUndefined()
  expect(error.issues).toEqual([
    {
      path: 'seed',
      message: 'is too small',
      value: -1,
      allowed: 'an integer from 0 to 2147483647',
    },
    {
      path: 'machine.cpus',
      message: 'is too small',
      value: 0,
      allowed: 'an integer from 1 to 1024',
    },
    {
      path: 'foo',
      message: 'unknown key',
      allowed:
        'schema, name, description, strategy, seed, machine, tunables, files, folios, processes, teardown',
    },
  ])
})

test('a flood of issues is cut in the message, not in the list', () => {
  const error = errorOf(() =>
    parseScenario(vmasOf(Array.from({ length: 60 }, () => ({ kind: 'anon' as const, pages: 0 })))),
  )
  expect(error.issues.length).toBe(60)
  expect(error.message.split('\n').length).toBe(51)
  expect(error.message.endsWith('\n... and 10 more')).toBe(true)
})

test('100,000 mistakes in one list are as good as 1,000', () => {
  const runs = Array.from({ length: 200_000 }, () => ({ att: 0, pages: 1, folio: 0 }))
  const error = errorOf(() => parseScenario(withVma({ kind: 'anon', pages: 1, runs })))
  expect(error.issues.length).toBe(2000)
  expect(error.message).toMatch(/^processes\[0\]\.vmas\[0\]\.runs\[0\]\.at: is missing; /)
  const late = [...Array.from({ length: 1000 }, () => ({ at: 0, pages: 1, folio: 0 })), ...runs]
  expect(messageOf(withVma({ kind: 'anon', pages: 1, runs: late }))).toBe(
    'has too many mistakes to list them',
  )
})

test('input that is no plain data is refused, not crashed on', () => {
  const cyclic: Record<string, unknown> = { schema: 'mmgather/scenario@1' }
  cyclic['processes'] = cyclic
  for (const input of [cyclic, new Map(), () => 1, Symbol('s'), new Date(0), 4n]) {
    expect(messageOf(input)).not.toBe('')
  }
  expect(groupsOf([]).processes).toEqual([])
})
