/**
 * Tests of `mmgather report` as a picture, on the real command.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyFolder, mmgather } from './support.ts'

const SWEEP =
  'sweep exit-order0 --pages 64 --axis cpus+processes=1,2,4 --axis lock=ttas,ticket -o s.jsonl -q'

test('a file that ends in .svg is a picture; what it cannot show is told', async () => {
  const cwd = emptyFolder()
  await mmgather(SWEEP.split(' '), { cwd })
  const report = (...args: string[]): ReturnType<typeof mmgather> =>
    mmgather(['report', 's.jsonl', ...args], { cwd })
  const quiet = { code: 0, stdout: '', stderr: '' }
  expect(await report('-o', 's.svg')).toMatchObject(quiet)
  const svg = readFileSync(join(cwd, 's.svg'), 'utf8')
  expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 760 400" role="img">\n<title>Pages torn down/)
  // names of XML alone, nothing that is fetched
  expect(svg.match(/https?:/g)).toHaveLength(2)
  const asked = [
    '--chart',
    'figure',
    '--figure',
    'teardown',
    '--title',
    'Mine',
    '--at',
    'lock=ttas',
  ]
  const { stdout } = await report('--format', 'svg', ...asked)
  expect(stdout).toMatch(/<title>Mine<\/title>[^]*lock ttas/)

  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await report('-o', 'no.svg', ...args)
    expect(code).toBe(2)
    return stderr
  }
  expect(await refused('--figure', 'teardow')).toMatch(
    /^error: --figure: is no figure of sweeps \(got "teardow"\); allowed one of .*did you mean teardown\?\n$/,
  )
  expect(await refused('--at', 'lock=tikket')).toMatch(
    /^error: --at: is no value of lock \(got "tikket"\); allowed one of ttas, ticket; did you mean ticket\?\n$/,
  )
  expect(await refused('--chart', 'pie')).toMatch(/^error: --chart: is not one of the values/)
  expect(() => readFileSync(join(cwd, 'no.svg'))).toThrow('ENOENT')
  const text = await report('--across', 'lock')
  expect(text.stderr).toMatch(/^error: --across: is an option of the format svg \(this is text\)/)
})
