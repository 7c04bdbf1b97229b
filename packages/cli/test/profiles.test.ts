/**
 * Tests of mmgather profiles: the list, one profile with its sources, and what names a profile.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CYCLE_TEXTS, cpusOf, findProfile, parseProfileText, profiles } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather, type Result } from './support.ts'

/** In an empty folder that is also the user's configuration. */
function profilesIn(folder: string, ...args: string[]): Promise<Result> {
  const env = { XDG_CONFIG_HOME: folder, HOME: folder }
  return mmgather(['profiles', ...args], { cwd: folder, env })
}

function text(name: string): string {
  return JSON.stringify({ ...findProfile('altra-80'), name })
}

function writeHost(folder: string, content: string): void {
  mkdirSync(join(folder, 'mmgather'))
  writeFileSync(join(folder, 'mmgather/host.json'), content)
}

describe('the list', () => {
  test('has a line of at most 80 columns for each profile', async () => {
    const { code, stdout, stderr } = await profilesIn(emptyFolder())
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(profiles.length)
    for (const [i, profile] of profiles.entries()) {
      const [name, cpus] = (lines[i] ?? '').split(/ +/)
      expect([name, cpus]).toEqual([profile.name, String(cpusOf(profile))])
      expect(lines[i]?.endsWith(`  ${profile.title}`)).toBe(true)
      expect(lines[i]?.length).toBeLessThanOrEqual(80)
    }
  })

  test('as JSON is all profiles', async () => {
    const { code, stdout } = await profilesIn(emptyFolder(), '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual(profiles)
  })

  test("begins with the host's profile, if there is one", async () => {
    const folder = emptyFolder()
    writeHost(folder, text('host'))
    const { stdout } = await profilesIn(folder)
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'host',
      ...profiles.map(({ name }) => name),
      '',
    ])
  })

  test("is there although the host's profile is broken, which is an error", async () => {
    const folder = emptyFolder()
    writeHost(folder, '{}')
    const { code, stdout, stderr } = await profilesIn(folder)
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^error: .*host\.json:1:1: schema: is missing; allowed mmgather\/profile@1$/m,
    )
    expect(stdout.trimEnd().split('\n')).toHaveLength(profiles.length)
  })
})

describe('one profile', () => {
  test.for(profiles.map(({ name }) => name))(
    '%s: figures and sources at 80 columns',
    async (name) => {
      const { code, stdout, stderr } = await profilesIn(emptyFolder(), name)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
      const words = stdout.replaceAll(/\s+/g, ' ')
      const profile = findProfile(name)
      for (const [key] of CYCLE_TEXTS) {
        const figure = profile?.cycles[key]
        expect(words).toContain(` ${key} ${figure?.value.toLocaleString('en-US')} `)
        expect(words.replaceAll(' ', '')).toContain(figure?.source.replaceAll(' ', ''))
      }
    },
  )

  test('as JSON is its file', async () => {
    const { stdout } = await profilesIn(emptyFolder(), 'apple-m2', '--json')
    expect(parseProfileText(stdout)).toEqual(findProfile('apple-m2'))
  })

  test('of a file', async () => {
    const folder = emptyFolder()
    writeFileSync(join(folder, 'my.json'), text('mine'))
    const { code, stdout } = await profilesIn(folder, 'my.json')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^mine: Ampere Altra, 80 cores\n/)
  })
})

describe('errors', () => {
  const list = 'altra-80, apple-m2, epyc-zen4, skylake-104, xeon-4210r, host, or a file'
  test.for([
    [
      'altra80',
      `NAME: there is no such profile or file (got "altra80"); allowed one of ${list}; did you mean altra-80?\n`,
    ],
    [
      './gone.json',
      'error: ./gone.json: there is no such file or folder; allowed a profile file, or the name of a profile; see mmgather profiles\n',
    ],
    ['.', /^error: \.: is a directory; allowed a profile file, /],
    [
      'host',
      /^error: NAME: the machine has no profile yet: there is no \S+\/mmgather\/host\.json \(got "host"\); run mmgather calibrate\n$/,
    ],
  ] as const)('%s', async ([name, message]) => {
    const { code, stdout, stderr } = await profilesIn(emptyFolder(), name)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  test('a file that is no profile has each mistake with its place', async () => {
    const folder = emptyFolder()
    writeFileSync(join(folder, 'my.json'), text('mine').replace('"value":3000', '"value":"3 GHz"'))
    const { code, stderr } = await profilesIn(folder, 'my.json')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: my\.json:1:\d+: mhz\.value: must be an integer \(got "3 GHz"\)/)
  })
})
