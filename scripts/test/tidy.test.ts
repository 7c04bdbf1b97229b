/**
 * Each house rule with text that breaks it and text that keeps it.
 */
import { describe, expect, it } from 'vitest'

import { tidyFile } from '../tidy.ts'

const DOC = '/** What it owns. */\n'

function core(path: string, body: string): string[] {
  return tidyFile(`packages/core/src/${path}`, DOC + body)
}

describe('doc comment', () => {
  it('is asked of every source file', () => {
    expect(tidyFile('packages/cli/src/main.ts', 'export const a = 1\n')).toEqual([
      'packages/cli/src/main.ts:1: a source file opens with a doc comment',
    ])
  })

  it('may follow the line that makes a file a program', () => {
    expect(tidyFile('packages/cli/src/main.ts', `#!/usr/bin/env node\n${DOC}`)).toEqual([])
  })

  it('is not asked of tests', () => {
    expect(tidyFile('packages/cli/test/main.test.ts', 'export const a = 1\n')).toEqual([])
  })
})

describe('layers', () => {
  it('may import downwards and from themselves', () => {
    expect(core('mm/swap.ts', "import { a } from '../sync/live.ts'\n")).toEqual([])
    expect(core('mm/swap.ts', "import { a } from './rmap.ts'\n")).toEqual([])
    expect(core('mm/strategies/x.ts', "import { a } from '../rmap.ts'\n")).toEqual([])
    expect(core('metrics/report.ts', "import { a } from '../lib/assert.ts'\n")).toEqual([])
  })

  it.each([
    ['import', "import { a } from '../kernel/exit.ts'\n"],
    ['import type', "import type { A } from '../kernel/exit.ts'\n"],
    ['side effect', "import '../kernel/exit.ts'\n"],
    ['re-export', "export { a } from '../kernel/exit.ts'\n"],
    ['star', "export * from '../kernel/exit.ts'\n"],
    ['dynamic', "export const a = import('../kernel/exit.ts')\n"],
  ])('may not import upwards (%s)', (_, body) => {
    expect(core('mm/swap.ts', body)).toEqual([
      'packages/core/src/mm/swap.ts:2: layer mm may not import kernel: ../kernel/exit.ts',
    ])
  })

  it('may not import the index', () => {
    expect(core('mm/swap.ts', "import { a } from '../index.ts'\n")).toHaveLength(1)
  })

  it('lets the index import all of them', () => {
    expect(core('index.ts', "export { a } from './metrics/a.ts'\n")).toEqual([])
  })

  it('lets forms import lib alone', () => {
    expect(core('forms/derive.ts', "import { a } from '../lib/a.ts'\n")).toEqual([])
    expect(core('forms/derive.ts', "import { a } from '../mm/a.ts'\n")).toHaveLength(1)
    expect(core('engines/run.ts', "import { a } from '../forms/a.ts'\n")).toHaveLength(1)
  })

  it('are a closed list', () => {
    expect(core('utils/a.ts', '')).toEqual([
      'packages/core/src/utils/a.ts:1: utils is no layer; the layers are lib, scenario, machine, ' +
        'sync, mm, kernel, api, generated, engines, metrics, trace, run, sweep, fidelity and forms',
    ])
  })

  it('do not reach into other packages by path', () => {
    expect(core('mm/a.ts', "import { a } from '../../../workers/src/a.ts'\n")).toHaveLength(1)
  })
})

describe('length', () => {
  it('of a source file is at most 400 lines', () => {
    expect(core('mm/a.ts', '\n'.repeat(399))).toEqual([])
    expect(core('mm/a.ts', '\n'.repeat(400))).toEqual([
      'packages/core/src/mm/a.ts:401: 401 lines, at most 400 are allowed',
    ])
  })
})

describe('paths of one machine', () => {
  it.each(['work', 'root', 'home'])('are refused below /%s', (top) => {
    const path = `/${top}/someone/x`
    expect(tidyFile('README.md', `first\nsee ${path} there\n`)).toEqual([
      `README.md:2: path of one machine: /${top}/someone`,
    ])
  })

  it('do not include relative paths and addresses', () => {
    const text = 'packages/work/x https://example.org/home/x ../work/y ~/home/z\n'
    expect(tidyFile('README.md', text)).toEqual([])
  })
})
