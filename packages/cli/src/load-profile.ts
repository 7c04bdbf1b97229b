/**
 * From what `--profile` names to a machine profile: a shipped one, `host`, or a file.
 *
 * Owns the rule which is which, and where the host's profile lies. The name of a shipped profile is that profile, and
 * `host` is what `mmgather calibrate` wrote, whatever lies in the current folder; else a name with a slash or an
 * extension, or of something that exists, is a file.
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { extname, join } from 'node:path'
import process from 'node:process'
import { findProfile, type MachineProfile, parseProfileText, profiles } from '@mmgather/core'
import { UsageError } from './errors.ts'
import { readText } from './io/read-text.ts'

const HOST = 'host'

/** Where `mmgather calibrate` writes unless told otherwise, and where `host` is looked for. */
export function hostProfilePath(): string {
  const config = process.env['XDG_CONFIG_HOME'] ?? ''
  // The XDG specification: a path that is not absolute is to be ignored.
  const base = config.startsWith('/') ? config : join(homedir(), '.config')
  return join(base, 'mmgather', 'host.json')
}

export interface LoadedProfile {
  profile: MachineProfile
  /** The file it came from. */
  path?: string
}

/**
 * @param field the flag or argument that named it, for errors.
 * @throws UsageError if there is no such profile, ProfileError if the file is no valid one.
 */
export async function loadProfile(name: string, field = '--profile'): Promise<LoadedProfile> {
  const shipped = findProfile(name)
  if (shipped !== undefined) return { profile: shipped }
  if (name === HOST) {
    const path = hostProfilePath()
    if (existsSync(path)) return loadFile(path)
    throw new UsageError({
      field,
      problem: `the machine has no profile yet: there is no ${path}`,
      value: name,
      hint: 'run mmgather calibrate',
    })
  }
  if (name.includes('/') || extname(name) !== '' || existsSync(name)) return loadFile(name)
  const known = [...profiles.map((profile) => profile.name), HOST]
  throw new UsageError({
    field,
    problem: 'there is no such profile or file',
    value: name,
    allowed: `one of ${known.join(', ')}, or a file`,
    near: { written: name, known },
  })
}

/** The host's profile if it is there. @throws as loadProfile. */
export async function loadHostProfile(): Promise<LoadedProfile | undefined> {
  return existsSync(hostProfilePath()) ? loadProfile(HOST) : undefined
}

async function loadFile(path: string): Promise<LoadedProfile> {
  const text = await readText(path, {
    allowed: 'a profile file, or the name of a profile',
    hint: 'see mmgather profiles',
  })
  return { profile: parseProfileText(text, { source: path }), path }
}
