/**
 * The names that users' files import: nothing of the kernel text, of the primitives and of the run-fixed values is left
 * out, and the derived modules have the same names.
 */
import { globSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))

async function namesOf(file: string): Promise<string[]> {
  const module = (await import(pathToFileURL(join(SRC, file)).href)) as Record<string, unknown>
  return Object.keys(module).sort()
}

/** Names of many modules; throws where two have one name. */
async function namesOfAll(files: readonly string[]): Promise<string[]> {
  const all = (await Promise.all(files.map(namesOf))).flat().sort()
  const twice = all.filter((name, i) => all.indexOf(name) < i)
  expect(twice).toEqual([])
  return all
}

/** What belongs to whoever runs the text. */
const OF_THE_HOST = ['bindGlobals', 'writeGlobals', 'GLOBAL_NAMES', 'bindMemory', 'mem']

describe('complete', () => {
  test('kernel: every export of mm and kernel, and defineStrategy', async () => {
    const files = globSync('{mm,kernel}/**/*.ts', { cwd: SRC }).filter(
      (file) => file !== join('mm', 'strategies', 'index.ts'),
    )
    expect(files.length).toBeGreaterThan(30)
    const all = await namesOfAll([...files, join('api', 'define-strategy.ts')])
    expect(await namesOf('api/kernel.ts')).toEqual(all)
  })

  test('sync: every primitive', async () => {
    expect(await namesOf('api/sync.ts')).toEqual(await namesOf('sync/live.ts'))
  })

  test('machine: accesses, layout, counters, accessors, run-fixed values', async () => {
    const files = [
      'bugs',
      'counters',
      'folio-mm-slots',
      'globals',
      'layout',
      'layout-programs',
      'list',
      'memory',
      'page',
      'pgtable',
      'work',
    ]
    const names = await namesOfAll(files.map((name) => `machine/${name}.ts`))
    const wanted = names.filter((name) => !OF_THE_HOST.includes(name))
    expect(await namesOf('api/machine.ts')).toEqual(wanted)
  })
})

describe.each(['conditional', 'profiled'])('derived, %s', (form) => {
  test.each(['kernel', 'sync', 'machine'])('%s has the same names', async (name) => {
    expect(await namesOf(`generated/${form}/api/${name}.ts`)).toEqual(
      await namesOf(`api/${name}.ts`),
    )
  })
})
