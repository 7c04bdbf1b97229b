/**
 * Core in a browser: its bundle needs nothing of Node, and the virtual engine writes the same report there, to the byte,
 * in a page and in a worker; the README's example works as it stands.
 *
 * Without a Chromium the second half is skipped, and says so.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'

import { type OutputChunk, rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { findProfile } from '../../src/engines/virtual/profiles.ts'
import { runVirtual } from '../../src/run/run-virtual.ts'
import type { RunVirtualOptions } from '../../src/run/virtual-options.ts'
import type { ScenarioOverrides } from '../../src/scenario/input.ts'
import { scenarioToInput } from '../../src/scenario/input-form.ts'
import { overrideScenario } from '../../src/scenario/overrides.ts'
import { parseScenarioText } from '../../src/scenario/parse-scenario.ts'
import { presetScenario } from '../../src/scenario/presets.ts'
import { scenarioToText } from '../../src/scenario/scenario-text.ts'
import { Chromium, findChromium } from './chromium.ts'
import { Site } from './site.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const read = (relative: string) => readFileSync(path(relative), 'utf8')

const PAGES = ['index.html', 'readme.html', 'cases.js']
/** For the browser's start, and for all its runs on a busy machine. */
const PATIENCE_MS = 120_000

/** What the browser and Node run: the pages read the same data. */
interface Case {
  text: string
  overrides: ScenarioOverrides
  profile: string
  options: Pick<RunVirtualOptions, 'runs' | 'functions' | 'samples'>
}

const file = (name: string) => read(`../../../../scenarios/${name}.yaml`)
const preset = (name: string) => scenarioToText(scenarioToInput(presetScenario(name)))

const CASES: readonly Case[] = [
  { text: file('exit-1024-order0'), overrides: {}, profile: 'skylake-104', options: {} },
  {
    text: file('exit-128-order3'),
    overrides: { cpus: 16, processes: 32 },
    profile: 'epyc-zen4',
    options: { runs: 3, samples: true },
  },
  {
    text: file('fork-128-order3'),
    overrides: { cpus: 8, processes: 16, share: 16 },
    profile: 'apple-m2',
    options: { functions: true },
  },
  { text: file('dirty-file-table'), overrides: {}, profile: 'altra-80', options: {} },
  {
    text: preset('page-fault2'),
    overrides: { cpus: 4, processes: 4, pages: 2048 },
    profile: 'xeon-4210r',
    options: {},
  },
]

function reportOf({ text, overrides, profile: name, options }: Case): string {
  const profile = findProfile(name)
  if (profile === undefined) throw new Error(`no profile ${name}`)
  const scenario = overrideScenario(parseScenarioText(text), overrides)
  return JSON.stringify(runVirtual(scenario, { ...options, profile }))
}

async function bundle(input: string): Promise<OutputChunk> {
  const built = await rolldown({
    input,
    platform: 'browser',
    resolve: { conditionNames: ['@mmgather/source', 'browser', 'import', 'default'] },
  })
  const { output } = await built.generate({ format: 'esm' })
  await built.close()
  expect(output).toHaveLength(1)
  return output[0]
}

/** The README's files for a browser, by the name in the comment that opens each. */
function readmeFile(name: string): string {
  const blocks = read('../../README.md').matchAll(/^```js\n([\s\S]*?)^```$/gm)
  const found = Array.from(blocks, ([, text]) => text ?? '').find((text) =>
    text.startsWith(`// ${name}`),
  )
  if (found === undefined) throw new Error(`the README has no ${name}`)
  return found
}

// inside the package, so that its name resolves as it does for a user
const folder = mkdtempSync(path('./readme-example-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function bundleOfReadmeWorker(): Promise<string> {
  const entry = `${folder}/teardown-worker.js`
  writeFileSync(entry, readmeFile('teardown-worker.js'))
  return (await bundle(entry)).code
}

describe('the bundle for browsers', () => {
  test('imports nothing, and holds neither a Node built-in nor the parser of the forms', async () => {
    const { imports, dynamicImports, modules, exports } = await bundle(path('../../src/index.ts'))
    expect(imports).toEqual([])
    expect(dynamicImports).toEqual([])
    expect(exports).toContain('runVirtual')
    const names = Object.keys(modules)
    expect(names.filter((name) => /oxc-parser|magic-string|\/forms\//.test(name))).toEqual([])
    expect(names.filter((name) => isBuiltin(name))).toEqual([])
    expect(names.filter((name) => name.endsWith('run/run-virtual.ts'))).toHaveLength(1)
  })
})

const program = findChromium()
if (program === undefined) {
  process.stderr.write(
    'SKIPPED: the tests in a browser; there is no Chromium in PATH, and $CHROMIUM names none\n',
  )
}

describe.skipIf(program === undefined)('in Chromium', () => {
  let site: Site
  let browser: Chromium

  beforeAll(async () => {
    const files = new Map(PAGES.map((name) => [name, read(`./pages/${name}`)]))
    files.set('core.js', (await bundle(path('../../src/index.ts'))).code)
    files.set('cases.json', JSON.stringify(CASES))
    files.set('page.js', readmeFile('page.js'))
    files.set('teardown-worker.js', await bundleOfReadmeWorker())
    site = await Site.open(files)
    browser = new Chromium(program as string, site.address)
  }, PATIENCE_MS)

  afterAll(async () => {
    await browser?.stop()
    await site?.close()
  })

  test.for(['page', 'worker'])(
    'a %s writes the reports that Node writes',
    { timeout: PATIENCE_MS },
    async (where) => {
      const posted = await Promise.race([site.posted(where), browser.lost])
      const { isWorker, isolated, reports } = JSON.parse(posted) as Record<string, unknown>
      expect({ isWorker, isolated }).toEqual({ isWorker: where === 'worker', isolated: true })
      expect(reports).toEqual(CASES.map(reportOf))
    },
  )

  test('the example of the README', { timeout: PATIENCE_MS }, async () => {
    const posted = await Promise.race([site.posted('readme'), browser.lost])
    const { time } = runVirtual(presetScenario('exit-order3'))
    expect(posted).toBe(`${time.teardown.median} ns`)
  })
})
