/**
 * Runs the stored cases of the virtual engine from the built packages, in JavaScript and compiled, and prints the hash of
 * each report, under whatever Node runs this: the check that a report is the same on all of them. Exit code 1 if a hash is
 * not the stored one.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import {
  findProfile,
  kernelModule,
  overrideScenario,
  presetScenario,
  runVirtual,
  type RunVirtualOptions,
  type ScenarioOverrides,
  type VirtualKernel,
} from '../packages/core/dist/index.js'

/** A run, and the hash of its report's JSON text. */
interface Case {
  preset: string
  overrides: ScenarioOverrides
  profile: string
  options: RunVirtualOptions
  sha256: string
}

const FILE = new URL('../packages/core/test/engines/virtual/fixtures/reports.json', import.meta.url)

function kernelOf(strategy: string): VirtualKernel {
  const name = `../packages/workers/dist/kernel/virtual/${encodeURIComponent(strategy)}.wasm`
  return { strategy, module: kernelModule(readFileSync(new URL(name, import.meta.url))) }
}

/** Of the report in JavaScript, and compiled. */
function hashesOf({ preset, overrides, profile: name, options }: Case): string[] {
  const scenario = overrideScenario(presetScenario(preset), overrides)
  const profile = findProfile(name)
  if (profile === undefined) throw new Error(`no profile ${name}`)
  return [{}, { kernel: kernelOf(scenario.strategy) }].map((form) => {
    const report = runVirtual(scenario, { ...options, ...form, profile })
    return createHash('sha256').update(JSON.stringify(report)).digest('hex')
  })
}

const cases = JSON.parse(readFileSync(FILE, 'utf8')) as Case[]
console.log(`Node ${process.version}`)
for (const one of cases) {
  for (const hash of hashesOf(one)) {
    console.log(`${hash} ${one.preset} ${JSON.stringify(one.overrides)} ${one.profile}`)
    if (hash === one.sha256) continue
    console.log(`${one.sha256} is the stored one`)
    process.exitCode = 1
  }
}
