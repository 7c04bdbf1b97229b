/**
 * Tests of scenario files that cannot be used: the exact text, nothing on stdout, exit code 2.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather, type Result } from './support.ts'

const HEAD = 'schema: mmgather/scenario@1\n'
const NO_FILE = 'allowed a scenario file, or the name of a preset; see mmgather scenarios'
const NOBODY = 65534

/** What a file with this text gives that is run by its name, from its folder. */
async function runFile(text: string | Uint8Array): Promise<Result> {
  const cwd = emptyFolder()
  writeFileSync(join(cwd, 'my.yaml'), text)
  return mmgather(['run', 'my.yaml'], { cwd })
}

function refusal(...errors: string[]): Result {
  const stderr = errors.map((error) => `error: my.yaml:${error}\n`).join('')
  return { code: 2, signal: null, stdout: '', stderr }
}

describe('the text of a scenario file', () => {
  test('an unknown key has a suggestion', async () => {
    const key =
      'allowed schema, name, description, strategy, seed, machine, tunables, files, folios, processes, teardown'
    expect(
      await runFile(
        `${HEAD}machin: { cpus: 2 }\nprocesses: [{ vmas: [{ kind: anon, pages: 8 }] }]\n`,
      ),
    ).toEqual(refusal(`2:1: machin: unknown key; ${key}; did you mean machine?`))
  })

  test('a wrong type, a negative and a huge number', async () => {
    expect(
      await runFile(
        `${HEAD}seed: many\nprocesses: [{ count: -2, vmas: [{ kind: anon, pages: 99999999999 }] }]\n`,
      ),
    ).toEqual(
      refusal(
        '2:7: seed: must be an integer (got "many"); allowed an integer from 0 to 2147483647',
        '3:22: processes[0].count: is too small (got -2); allowed an integer from 1 to 100000',
        '3:54: processes[0].vmas[0].pages: is too large (got 99999999999); allowed an integer from 1 to 16777216',
      ),
    )
  })

  test('zero CPUs', async () => {
    expect(
      await runFile(
        `${HEAD}machine: { cpus: 0 }\nprocesses: [{ vmas: [{ kind: anon, pages: 8 }] }]\n`,
      ),
    ).toEqual(
      refusal('2:18: machine.cpus: is too small (got 0); allowed an integer from 1 to 1024'),
    )
  })

  test('more pages than fit', async () => {
    expect(
      await runFile(`${HEAD}processes: [{ count: 3, vmas: [{ kind: anon, pages: 8000000 }] }]\n`),
    ).toEqual(
      refusal(
        '1:1: needs 24000000 pages of memory (91.6 GiB), most of it for processes[0].vmas[0] 24000000; ' +
          'allowed at most 16777216 pages (64 GiB); take fewer processes or pages, or let more processes share',
      ),
    )
  })

  test('order 11', async () => {
    expect(
      await runFile(
        `${HEAD}processes: [{ vmas: [{ kind: anon, pages: 8, folios: [{ order: 11 }] }] }]\n`,
      ),
    ).toEqual(
      refusal(
        '2:64: processes[0].vmas[0].folios[0].order: is too large (got 11); allowed an integer from 0 to 10',
      ),
    )
  })

  test('a mapping past the end of its file', async () => {
    expect(
      await runFile(
        `${HEAD}files: [{ name: f, pages: 8 }]\nprocesses: [{ vmas: [{ kind: file, file: f, offset: 4, pages: 8 }] }]\n`,
      ),
    ).toEqual(
      refusal(
        '3:63: processes[0].vmas[0].pages: the mapping ends past the end of its file: ' +
          'offset 4 + pages 8 = 12, but f has 8 pages (got 8); allowed at most 4 at this offset',
      ),
    )
  })

  test('an unknown strategy', async () => {
    expect(
      await runFile(
        `${HEAD}strategy: linux-6.6\nprocesses: [{ vmas: [{ kind: anon, pages: 8 }] }]\n`,
      ),
    ).toEqual(
      refusal(
        ' strategy: there is no such strategy (got "linux-6.6"); ' +
          'allowed one of linux-6.1, linux-6.5, linux-6.5-laf, range-v1, range-v2, linux-6.9, linux-6.10, ' +
          'linux-6.12, linux-6.18, linux-6.18-npm; did you mean linux-6.1?',
      ),
    )
  })

  test('not YAML', async () => {
    expect(await runFile('processes: [\n')).toEqual(
      refusal(
        '2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ),
    )
  })

  test('an empty file', async () => {
    expect(await runFile('')).toEqual(
      refusal(' the text is empty; a scenario starts with the line `schema: mmgather/scenario@1`'),
    )
  })

  test('not text at all', async () => {
    expect(await runFile(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe))).toEqual(
      refusal(` is not text in UTF-8; ${NO_FILE}`),
    )
  })
})

describe('the file itself', () => {
  test('is not there', async () => {
    const result = await mmgather(['run', './my.yaml'], { cwd: emptyFolder() })
    const stderr = `error: ./my.yaml: there is no such file or folder; ${NO_FILE}\n`
    expect(result).toEqual({ code: 2, signal: null, stdout: '', stderr })
  })

  test('is a directory', async () => {
    const cwd = emptyFolder()
    mkdirSync(join(cwd, 'my'))
    const result = await mmgather(['run', 'my'], { cwd })
    const stderr = `error: my: is a directory; ${NO_FILE}\n`
    expect(result).toEqual({ code: 2, signal: null, stdout: '', stderr })
  })

  test('may not be read', async () => {
    const cwd = emptyFolder()
    const file = join(cwd, 'my.yaml')
    writeFileSync(file, HEAD)
    chmodSync(file, 0)
    chmodSync(cwd, 0o755)
    const uid = process.getuid?.() === 0 ? { uid: NOBODY } : {}
    const result = await mmgather(['run', 'my.yaml'], { cwd, ...uid })
    const stderr = `error: my.yaml: permission denied; ${NO_FILE}\n`
    expect(result).toEqual({ code: 2, signal: null, stdout: '', stderr })
  })

  test('is no obstacle where it has the name of a preset', async () => {
    const cwd = emptyFolder()
    mkdirSync(join(cwd, 'kernel-build'))
    const { stderr } = await mmgather(['run', 'kernel-build', '--order', '11'], { cwd })
    expect(stderr).toContain('--order')
  })

  test('stdin is named as such', async () => {
    const { code, stderr } = await mmgather(['run', '-'], { stdin: 'a: 1\n' })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: stdin:1:1: /)
  })
})
