/**
 * The version of this package, from its manifest, which is beside `src` and `dist` alike.
 */
import { readFileSync } from 'node:fs'

export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const manifest = JSON.parse(text) as { version: string }
  return manifest.version
}

export function versionText(): string {
  return `mmgather ${version()}`
}
