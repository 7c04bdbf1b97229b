/**
 * Presets: valid, listed well, small enough; and the names that the project promises.
 */
import { describe, expect, test } from 'vitest'

import { parseScenario, parseScenarioText } from '../../src/scenario/parse-scenario.ts'
import { presetScenario, presets } from '../../src/scenario/presets.ts'
import { scenarioToText } from '../../src/scenario/scenario-text.ts'
import { errorOf } from './support.ts'

test('are those that are promised, each once', () => {
  expect(presets.map(({ name }) => name)).toEqual([
    'exit-order0',
    'exit-order3',
    'exit-one-order0',
    'exit-one-order3',
    'shared-library-fork',
    'memcg-alternate',
    'dirty-shared-file',
    'kernel-build',
    'swap-mixed',
    'thp-pte-mapped',
    'thp-pmd-mapped',
    'munmap-half-thp',
    'page-fault2',
    'page-fault2-reclaim',
    'kernel-build-loop',
  ])
})

describe.each(presets.map((preset) => [preset.name, preset] as const))('%s', (name, preset) => {
  test('parses, under its own name', () => {
    expect(presetScenario(name).name).toBe(name)
    expect(presetScenario(name)).toEqual(parseScenario(preset.scenario))
  })

  test('has a summary of one short line and a description', () => {
    expect(preset.summary.length).toBeLessThanOrEqual(60)
    expect(preset.summary).not.toMatch(/\n|\.$/)
    expect(presetScenario(name).description).not.toBe('')
  })

  test('is small: at most 300,000 PTEs and 2 CPUs', () => {
    const { processes, machine } = presetScenario(name)
    const ptes = processes.reduce(
      (sum, { count, vmas }) =>
        sum +
        count *
          vmas.reduce(
            (pages, vma) =>
              pages + (vma.kind === 'file' && vma.holes !== 'none' ? vma.pages / 2 : vma.pages),
            0,
          ),
      0,
    )
    expect(ptes).toBeLessThanOrEqual(300_000)
    expect(machine.cpus).toBeLessThanOrEqual(2)
  })

  test('printed as a file, it parses to the same', () => {
    expect(parseScenarioText(scenarioToText(preset.scenario))).toEqual(presetScenario(name))
  })
})

test('an unknown name is answered with the nearest and all names', () => {
  expect(errorOf(() => presetScenario('exit-ordr0')).message).toMatch(
    /^there is no such preset \(got "exit-ordr0"\); allowed one of exit-order0, .*, kernel-build-loop; did you mean exit-order0\?$/,
  )
  expect(errorOf(() => presetScenario('x')).message).toMatch(/kernel-build-loop$/)
})
