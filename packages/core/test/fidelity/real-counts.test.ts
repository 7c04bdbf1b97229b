/**
 * Counts of real kernels: equal wherever the repeats agreed, and every function that was counted has its place in the
 * table.
 */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import { evaluate, termsOf } from '../../src/fidelity/expression.ts'
import {
  KERNEL_FUNCTIONS,
  kernelFunction,
  UNCOUNTED_FUNCTIONS,
} from '../../src/fidelity/kernel-functions.ts'
import { REAL_KERNELS, realCounts } from '../../src/fidelity/real-counts.ts'
import { TEXT_FUNCTIONS } from '../../src/fidelity/text-functions.ts'
import { countCalls } from '../../src/fidelity/validate.ts'
import { workloadScenario } from '../../src/fidelity/workloads.ts'
import { COUNTER_KEYS, EVENT_KEYS } from '../../src/machine/counters.ts'
import { runScenario } from '../support/run.ts'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))
const counts = realCounts()
const runs = [
  ...Map.groupBy(counts, ({ kernel, workload }) => `${kernel} ${workload}`).values(),
].map((rows) => ({ rows, kernel: rows[0]!.kernel, workload: rows[0]!.workload }))

describe.each(runs)('Linux $kernel, $workload', ({ rows, kernel, workload }) => {
  const scenario = workloadScenario(workload, kernel)!
  const counted = countCalls(scenario)

  test('every function on which the repeats agree', () => {
    const settled = rows.filter(({ repeatsAgree }) => repeatsAgree)
    const real = settled.map((row) => [row.function, row.hits])
    const ours = settled.map((row) => {
      const expression = kernelFunction(row.function, kernel)!.ours
      return [row.function, evaluate(expression, counted)]
    })
    expect(ours).toEqual(real)
  })

  test('the same counters without virtual time, and sound before and after', () => {
    const { counters, events } = runScenario(scenario)
    expect(counted.counts).toEqual({ ...counters, ...events })
  })
})

describe('the table of kernel functions', () => {
  test('has every function that was counted, and no other', () => {
    for (const kernel of REAL_KERNELS) {
      const counted = new Set(
        counts.filter((one) => one.kernel === kernel).map((one) => one.function),
      )
      const listed = KERNEL_FUNCTIONS.filter(({ kernels }) => kernels.includes(kernel))
      expect(new Set(listed.map(({ name }) => name))).toEqual(counted)
      expect(listed).toHaveLength(counted.size)
    }
  })

  test('counts by what there is', () => {
    const keys = new Set<string>([...COUNTER_KEYS, ...EVENT_KEYS])
    const unknown = [...KERNEL_FUNCTIONS, ...UNCOUNTED_FUNCTIONS]
      .flatMap(({ ours }) => termsOf(ours))
      .filter(({ name, isCall }) => !isCall && !keys.has(name))
    expect(unknown).toEqual([])
  })
})

describe('expressions', () => {
  const counted = { counts: { a: 5, b: 2 }, calls: new Map([['f', 3]]) }

  test.each([
    ['a', 5],
    ['a + b', 7],
    ['f() - b', 1],
    ['a - b - 4*f()', -9],
    ['never()', 0],
  ])('%s is %i', (expression, value) => {
    expect(evaluate(expression, counted)).toBe(value)
  })

  test.each(['a +', '+ a', 'a * b', 'a  + b', '', 'f(1)'])('%j is none', (expression) => {
    expect(() => termsOf(expression)).toThrow('not an expression')
  })

  test('a name that is not counted', () => {
    expect(() => evaluate('a + c', counted)).toThrow('no counter or event of this name')
  })
})

test('each function of ours that the tables name exists', () => {
  const folders = ['mm', 'mm/strategies', 'kernel'].map((name) => `${SRC}${name}/`)
  const text = folders
    .flatMap((folder) => globSync(`${folder}*.ts`))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const declared = new Set(Array.from(text.matchAll(/function (\w+)\(/g), ([, name]) => name))
  const named = [
    ...TEXT_FUNCTIONS.flatMap(({ ours }) => ours.split(', ')),
    ...[...KERNEL_FUNCTIONS, ...UNCOUNTED_FUNCTIONS]
      .flatMap(({ ours }) => termsOf(ours))
      .filter(({ isCall }) => isCall)
      .map(({ name }) => name),
  ]
  expect(named.filter((name) => name !== '' && !declared.has(name))).toEqual([])
})
