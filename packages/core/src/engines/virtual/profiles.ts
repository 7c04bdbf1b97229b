/**
 * The profiles that come with the package, one JSON file per machine in `profiles/`.
 *
 * Owns the list and the look-up. The files are plain data of this package, so they are taken as they are; a test parses
 * each of them.
 */
import xeon4210r from './profiles/xeon-4210r.json' with { type: 'json' }
import type { MachineProfile } from './profile.ts'

/** All profiles, in the order in which they are listed to people. */
export const profiles: readonly MachineProfile[] = [xeon4210r] as readonly MachineProfile[]

/** The shipped profile of this name. */
export function findProfile(name: string): MachineProfile | undefined {
  return profiles.find((profile) => profile.name === name)
}
