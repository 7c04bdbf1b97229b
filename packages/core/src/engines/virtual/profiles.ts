/**
 * The profiles that come with the package, one JSON file per machine in `profiles/`.
 *
 * Owns the list and the look-up. The files are plain data of this package, so they are taken as they are; a test parses
 * each of them.
 */
import altra80 from './profiles/altra-80.json' with { type: 'json' }
import appleM2 from './profiles/apple-m2.json' with { type: 'json' }
import epycZen4 from './profiles/epyc-zen4.json' with { type: 'json' }
import skylake104 from './profiles/skylake-104.json' with { type: 'json' }
import xeon4210r from './profiles/xeon-4210r.json' with { type: 'json' }
import type { MachineProfile } from './profile.ts'

/** All profiles, in the order in which they are listed to people. */
export const profiles: readonly MachineProfile[] = [
  altra80,
  appleM2,
  epycZen4,
  skylake104,
  xeon4210r,
] as readonly MachineProfile[]

/** The shipped profile of this name. */
export function findProfile(name: string): MachineProfile | undefined {
  return profiles.find((profile) => profile.name === name)
}
