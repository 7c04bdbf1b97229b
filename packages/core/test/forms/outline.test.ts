/**
 * Modules by their outlines: they say what the same texts say that were parsed whole, tree by tree, place by place.
 */
import { expect, test } from 'vitest'

import { Modules, parseModule } from '../../src/forms/modules.ts'
import { outlinedModule, outlineOf } from '../../src/forms/outline.ts'

import { kernelFiles, readSource } from '../../../../scripts/kernel-files.ts'

const FURTHER = ['sync/live.ts', 'sync/live-spinlock.ts', 'machine/globals.ts', 'machine/layout.ts']
const FILES = [...kernelFiles(), ...FURTHER.map((file) => `packages/core/src/${file}`)]

test.each(FILES)('%s', (file) => {
  const text = readSource(file) ?? ''
  const whole = parseModule(file, text)
  const outline = JSON.parse(JSON.stringify(outlineOf(whole))) as ReturnType<typeof outlineOf>
  const outlined = outlinedModule(file, outline, () => text)
  expect([...outlined.functions]).toEqual([...whole.functions])
  expect([...outlined.variables]).toEqual([...whole.variables])
  expect([...outlined.records]).toEqual([...whole.records])
  expect(outlined.mutable).toEqual(whole.mutable)
  expect(outlined.imports).toEqual(whole.imports)
  expect(outlined.exports).toEqual(whole.exports)
  expect(outlined.stars).toEqual(whole.stars)
  expect(outlined.sources).toEqual(whole.sources)
  expect(outlined.program).toEqual(whole.program)
})

test('a text is read when a declaration of it is asked for, and a name that is not declared is none', () => {
  const text = 'export { f as g } from "./b.ts"\nconst toString = 1\nexport function f(): void {}\n'
  let reads = 0
  const module = outlinedModule('x/a.ts', outlineOf(parseModule('x/a.ts', text)), () => {
    reads++
    return text
  })
  const modules = new Modules([module])
  expect(modules.exported('x/a.ts', 'g')).toEqual({ file: 'x/b.ts', name: 'f' })
  expect(modules.resolve('x/a.ts', 'valueOf')).toBeUndefined()
  expect(module.variables.has('toString')).toBe(true)
  expect(module.functions.get('toString')).toBeUndefined()
  expect(reads).toBe(0)
  expect(module.functions.get('f')).toMatchObject({ type: 'FunctionDeclaration', start: 58 })
  expect(reads).toBe(1)
})
