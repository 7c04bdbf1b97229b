/**
 * docs/published.md: its column of virtual time is what the engine says.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

import { findProfile } from '../../src/engines/virtual/profiles.ts'
import { runVirtual } from '../../src/run/run-virtual.ts'
import { overrideScenario } from '../../src/scenario/overrides.ts'
import { presetScenario } from '../../src/scenario/presets.ts'

const PAGES = 262_144
const PAGE = readFileSync(new URL('../../../../docs/published.md', import.meta.url), 'utf8')

/** Rows `| 64 KiB | 4 | 111.4 | 106.3 | 0.95 |`. */
const ROWS = [
  ...PAGE.matchAll(/^\|\s*\d+ KiB \|\s*(\d+) \|\s*([\d.]+) \|\s*([\d.]+) \|\s*([\d.]+) \|$/gm),
].map(([, order, measured, virtual, ratio]) => ({
  order: Number(order),
  measured: Number(measured),
  virtual: Number(virtual),
  ratio: Number(ratio),
}))

function nsPerPage(order: number): number {
  const profile = findProfile('xeon-4210r')
  const scenario = overrideScenario(presetScenario('exit-order0'), {
    strategy: 'linux-6.5-laf',
    cpus: 1,
    processes: 1,
    pages: PAGES,
    order,
    teardown: 'munmap',
    pageTables: 'gathered',
  })
  const report = runVirtual(scenario, { ...(profile && { profile }), verify: false })
  return report.time.teardown.median / PAGES
}

test('the page has a row for each folio size, and ratios that are those of its figures', () => {
  expect(ROWS.map(({ order }) => order)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9])
  for (const { measured, virtual, ratio } of ROWS)
    expect((virtual / measured).toFixed(2)).toBe(ratio.toFixed(2))
})

test.each([4, 9])('munmap of 1 GiB in folios of order %i', (order) => {
  const row = ROWS.find((each) => each.order === order)
  expect(nsPerPage(order).toFixed(1)).toBe(row?.virtual.toFixed(1))
})
