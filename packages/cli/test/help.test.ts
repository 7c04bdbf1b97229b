/**
 * Tests that the command explains itself, quickly.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { COMMAND, isBuilt, mmgather } from './support.ts'

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

  // Sources are compiled while they are loaded.
  test.skipIf(!isBuilt)('--help takes at most 0.2 s of CPU time', () => {
    const cpuMs = (): number => {
      const before = childCpuMs()
      spawnSync(process.execPath, [...COMMAND, '--help'], { stdio: 'ignore' })
      return childCpuMs() - before
    }
    const best = Math.min(...Array.from({ length: 5 }, cpuMs))
    expect(best).toBeLessThan(200)
  })
})

/** CPU time of the children that this process has waited for, from /proc/self/stat (cutime, cstime; 100 ticks/s). */
function childCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}
