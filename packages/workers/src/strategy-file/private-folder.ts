/**
 * Folders that only this user can read, for the modules that strategy files become.
 *
 * Invariant: they are gone when their owner disposes of them, at the latest when the process exits.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const folders = new Set<string>()
let isHooked = false

/** Makes a folder that holds `files` by relative path. */
export function privateFolder(files: ReadonlyMap<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mmgather-strategy-'))
  if (!isHooked) process.on('exit', () => folders.forEach(removeFolder))
  isHooked = true
  folders.add(folder)
  for (const [file, text] of files) {
    const path = join(folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode: 0o600 })
  }
  return folder
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}
