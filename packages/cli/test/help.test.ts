/**
 * Tests that the command explains itself, quickly.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { COMMAND, mmgather } from './support.ts'

const COMMANDS = [
  'run',
  'compare',
  'sweep',
  'report',
  'capture',
  'scenarios',
  'strategies',
  'schema',
  'profiles',
  'calibrate',
]

describe('help', () => {
  test('without arguments: the help on stdout, and a success', async () => {
    const bare = await mmgather([])
    const asked = await mmgather(['--help'])
    expect(bare).toEqual({ code: 0, signal: null, stdout: asked.stdout, stderr: '' })
    for (const command of COMMANDS) expect(bare.stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
  })

  test.for(['', ...COMMANDS])('%s --help fits 80 columns', async (command) => {
    const args = command === '' ? [] : [command]
    const { code, stdout, stderr } = await mmgather([...args, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: mmgather/)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('help COMMAND is COMMAND --help', async () => {
    const [one, other] = await Promise.all([mmgather(['help', 'run']), mmgather(['run', '--help'])])
    expect(one).toEqual(other)
  })

  test('--version is that of the package', async () => {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    const { version } = JSON.parse(manifest) as { version: string }
    const said = { code: 0, signal: null, stdout: `${version}\n`, stderr: '' }
    expect(await mmgather(['--version'])).toEqual(said)
    expect(await mmgather(['-V'])).toEqual(said)
  })

  test('--help loads the command and its parser of options, and nothing of the model', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mmgather-help-'))
    try {
      // Node writes there which modules it ran
      const env = { ...process.env, NODE_V8_COVERAGE: folder }
      const { status } = spawnSync(process.execPath, [...COMMAND, '--help'], {
        stdio: 'ignore',
        env,
      })
      expect(status).toBe(0)
      const packages = new Set(loadedModules(folder).map((url) => packageOf(url)))
      expect([...packages].sort()).toEqual(['@commander-js/extra-typings', 'cli', 'commander'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function loadedModules(folder: string): string[] {
  return readdirSync(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    const { result } = JSON.parse(text) as { result: { url: string }[] }
    return result.map(({ url }) => url).filter((url) => url.startsWith('file:'))
  })
}

/** Of a dependency its name, of a file of ours its package's folder. */
function packageOf(url: string): string {
  const dependency = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  return dependency ?? /.*\/packages\/([^/]+)/.exec(url)?.[1] ?? url
}
