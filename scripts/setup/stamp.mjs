/**
 * Remembers with which inputs a step was last done: a hash of the contents of files.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

import { ROOT } from './run.mjs'

/** All files below a directory that may be missing, sorted. */
export function filesBelow(directory) {
  let entries
  try {
    entries = readdirSync(directory, { withFileTypes: true, recursive: true })
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

export function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(`${relative(ROOT, file)}\0`)
    hash.update(readIfThere(file))
    hash.update('\0')
  }
  return hash.digest('hex')
}

export function readStamp(name) {
  try {
    return JSON.parse(readFileSync(stampFile(name), 'utf8'))
  } catch {
    return undefined
  }
}

export function writeStamp(name, value) {
  mkdirSync(dirname(stampFile(name)), { recursive: true })
  writeFileSync(stampFile(name), JSON.stringify(value))
}

function stampFile(name) {
  return join(ROOT, 'node_modules', `.mmgather-${name}.json`)
}

function readIfThere(file) {
  try {
    return readFileSync(file)
  } catch (error) {
    if (error.code === 'ENOENT') return '(missing)'
    throw error
  }
}
