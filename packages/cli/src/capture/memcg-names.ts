/**
 * Names of memory cgroups in a scenario: of the processes' own by their path, of others that folios are charged to by
 * a number, for the kernel tells no more of them than an inode number.
 *
 * Invariant: different cgroups have different names, a child's name starts with its parent's, and every name is one
 * that a scenario file allows (letters, digits, `_ . -`, joined by `/`; `root` for the root alone).
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { ResolvedOptions } from './options.ts'

export interface MemcgNames {
  /** By the path in /proc/N/cgroup. */
  ofPath: (path: string) => string
  ofInode: (inode: number) => string
}

/** Where the hierarchy that has the memory controller may be mounted, relative to the cgroup file systems. */
const HIERARCHIES = ['memory', '', 'unified']
const COMPONENT_MAX = 100

export function createMemcgNames(options: ResolvedOptions, paths: string[]): MemcgNames {
  const known = new Map<string, string>()
  const used = new Set<string>(['root'])

  const unused = (wanted: string): string => {
    let name = wanted
    for (let n = 2; used.has(name); n++) name = `${wanted}_${n}`
    used.add(name)
    return name
  }
  const ofPath = (path: string): string => {
    let name = ''
    let prefix = ''
    for (const component of path.split('/')) {
      if (component === '') continue
      prefix = `${prefix}/${component}`
      const label = options.anonymize ? `m${used.size}` : sanitize(component)
      name = known.get(prefix) ?? unused(name === '' ? label : `${name}/${label}`)
      known.set(prefix, name)
    }
    return name === '' ? 'root' : name
  }

  const byInode = inodesOf(options, ['/', ...paths])
  const ofInode = (inode: number): string => {
    const path = byInode.get(inode)
    if (path !== undefined) return ofPath(path)
    const key = `inode ${inode}`
    const name = known.get(key) ?? unused(options.anonymize ? `m${used.size}` : 'other')
    known.set(key, name)
    return name
  }
  return { ofPath, ofInode }
}

function inodesOf(options: ResolvedOptions, paths: string[]): Map<number, string> {
  // 0: charged to nobody, which is what the root cgroup means for a teardown.
  const byInode = new Map<number, string>([[0, '/']])
  for (const path of paths) {
    const inode = HIERARCHIES.map((mount) => inodeOf(join(options.cgroupRoot, mount, path)))
    const first = inode.find((number) => number !== undefined)
    if (first !== undefined && !byInode.has(first)) byInode.set(first, path)
  }
  return byInode
}

function inodeOf(directory: string): number | undefined {
  return statSync(directory, { throwIfNoEntry: false })?.ino
}

function sanitize(component: string): string {
  const plain = component.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, COMPONENT_MAX)
  if (plain === 'root') return 'root_'
  // A cgroup outside the cgroup namespace is shown as `/../name`.
  return plain === '..' ? 'up' : plain
}
