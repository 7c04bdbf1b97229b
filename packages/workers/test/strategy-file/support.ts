/**
 * Strategy files for tests: the documented one, those of the command's tests, and texts written to a temporary folder.
 */
import { parseScenario, parseScenarioText, type Scenario, type ScenarioInput } from '@mmgather/core'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

import { disposeStrategyFile, loadStrategyFile, type StrategyFile } from '../../src/index.ts'

const ROOT = new URL('../../../../', import.meta.url)

export const PAGES_PER_HOLD: string = fileURLToPath(
  new URL('docs/strategies/pages-per-hold.ts', ROOT),
)

/** A file of the command's tests. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`packages/cli/test/fixtures/strategies/${name}.ts`, ROOT))
}

/** Loads a file until the end of the test. */
export async function load(path: string): Promise<StrategyFile> {
  const file = await loadStrategyFile(path)
  onTestFinished(() => disposeStrategyFile(file))
  return file
}

/** Writes a file for the length of a test; returns its path. */
export function written(text: string, name = 'mine.ts'): string {
  const folder = mkdtempSync(join(tmpdir(), 'mmgather test '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** The documented file with a bound that is core's own, under another id. */
export function copyOfCore(): string {
  const text = readFileSync(PAGES_PER_HOLD, 'utf8')
  return written(
    text
      .replace('heldPages >= SWAP_CLUSTER_MAX', 'heldSlots === SWAP_CLUSTER_MAX')
      .replace("'pages-per-hold'", "'copy-of-core'"),
  )
}

/** Shared and private folios, small and large, anonymous and of a file, on so many CPUs. */
export function mixed(cpus: number, machine: ScenarioInput['machine'] = {}): Scenario {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'mixed',
    strategy: 'range-v1',
    machine: { ...machine, cpus },
    files: [{ name: 'data', pages: 256, folios: [{ order: 4, count: 16 }] }],
    processes: [
      {
        name: 'worker',
        count: 4,
        share: 2,
        vmas: [
          {
            kind: 'anon',
            pages: 1000,
            folios: [
              { order: 3, count: 2 },
              { order: 0, count: 16 },
            ],
          },
          { kind: 'file', file: 'data', pages: 100 },
          { kind: 'anon', pages: 40 },
          { kind: 'file', file: 'data', pages: 100, offset: 100 },
        ],
      },
    ],
  })
}

/** The scenario that the documentation runs the documented strategy on. */
export function smallAmongRanges(): Scenario {
  const file = new URL('scenarios/small-among-ranges.yaml', ROOT)
  return parseScenarioText(readFileSync(file, 'utf8'), { source: 'small-among-ranges.yaml' })
}
