/**
 * The memcgs of a scenario: the root, then every name in order of first mention, parents before children.
 *
 * Invariant: the memcg id of a name is its place in the list plus 1 (id 0 means "no memcg", the root has id 1).
 */

import type { FolioPattern, Scenario } from '../../scenario/scenario.ts'
import { stepsOf } from '../../scenario/program.ts'
import { vmaPattern } from './folio-walk.ts'

export function memcgNames(scenario: Scenario): string[] {
  const names = new Set<string>(['root'])
  const add = (name: string | undefined): void => {
    if (name === undefined || name === 'root') return
    const parts = name.split('/')
    for (let i = 1; i <= parts.length; i++) names.add(parts.slice(0, i).join('/'))
  }
  const addPattern = (pattern: readonly FolioPattern[]): void => {
    for (const part of pattern) add(part.memcg)
  }
  for (const file of scenario.files) {
    add(file.memcg)
    addPattern(file.folios)
  }
  for (const folio of scenario.folios) add(folio.memcg ?? 'main')
  for (const group of scenario.processes) {
    add(group.memcg)
    for (const vma of group.vmas) {
      add(vma.tableMemcg)
      addPattern(vmaPattern(vma) ?? [])
    }
    for (const { step } of stepsOf(group)) add(step.mmap?.memcg)
  }
  return [...names]
}

/** The parent's name; undefined for the root. */
export function memcgParent(name: string): string | undefined {
  if (name === 'root') return undefined
  const slash = name.lastIndexOf('/')
  return slash < 0 ? 'root' : name.slice(0, slash)
}
