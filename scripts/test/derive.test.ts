/**
 * Derived text is fresh after a build, what is not fresh is named, and the built package's maps lead to the sources.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { FORMS } from '../../packages/core/src/forms/emit.ts'
import { derivedFiles, writeDerived } from '../derive.ts'
import { ROOT } from '../kernel-files.ts'

const SRC = 'packages/core/src/'

describe('derive --check', () => {
  const wanted = derivedFiles()

  it('finds nothing after a build', () => {
    expect(writeDerived(wanted, true)).toEqual([])
  })

  it('names a file that differs, one that is missing and one that no source stands behind', () => {
    const [[differs] = [''], [stale] = ['']] = [...wanted]
    const missing = `${SRC}generated/raw/mm/not-there.ts`
    const changed = new Map(wanted).set(differs, '// another text\n').set(missing, '')
    changed.delete(stale)
    expect(writeDerived(changed, true)).toEqual([differs, missing, stale])
    expect(existsSync(ROOT + differs) && existsSync(ROOT + stale)).toBe(true)
    expect(existsSync(ROOT + missing)).toBe(false)
  })
})

describe.each(FORMS)('the built package, %s', (form) => {
  const built = `${ROOT}packages/core/dist/${form}/kernel/text.js`

  it('is one file, with one map beside it', () => {
    const urls = readFileSync(built, 'utf8').match(/^\/\/# sourceMappingURL=.*$/gm)
    expect(urls).toEqual(['//# sourceMappingURL=text.js.map'])
  })

  it('has a map that names the sources', () => {
    const { sources } = JSON.parse(readFileSync(`${built}.map`, 'utf8')) as { sources: string[] }
    const found = sources.map((each) => join(dirname(built), each))
    const derived = [...derivedFiles().keys()].filter((file) => file.includes(`/${form}/`))
    const named = new Set(derived.map((file) => ROOT + file.replace(`generated/${form}/`, '')))
    expect(found.length).toBeGreaterThan(20)
    for (const source of found) {
      expect(named.has(source)).toBe(true)
      expect(existsSync(source)).toBe(true)
    }
  })
})

it('an error in derived text of the built package has the line of the source', () => {
  const kernel = new URL(
    '../../packages/core/dist/generated/conditional/api/kernel.js',
    import.meta.url,
  )
  // a walk without a strategy
  const program = `import { zapPteRange } from '${kernel.href}'; zapPteRange(0, 0, 0, 0, 4096).next()`
  const args = ['--enable-source-maps', '--input-type=module', '--eval', program]
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const [, file = '', line] = /at zapPteRange \((.*):(\d+):\d+\)/.exec(stderr) ?? []
  expect(stderr).toContain('TypeError')
  expect(file).toBe(`${ROOT}${SRC}mm/memory.ts`)
  expect(readFileSync(file, 'utf8').split('\n')[Number(line) - 1]).toContain('strategy.')
})
