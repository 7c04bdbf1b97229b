/**
 * Paths of text modules, with forward slashes: what `node:path` would do, so that forms run without Node.
 */

/** The folder of a path, without a slash at its end. */
export function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')))
}

/** Where a relative specifier written in `file` leads. */
export function resolveSpecifier(file: string, specifier: string): string {
  return normalize(`${folderOf(file)}/${specifier}`)
}

/** The relative specifier by which `from` names `to`. */
export function relativeSpecifier(from: string, to: string): string {
  const here = folderOf(from).split('/')
  const there = to.split('/')
  let same = 0
  while (same < here.length && same < there.length - 1 && here[same] === there[same]) same++
  const up = here.slice(same).map(() => '..')
  return [...(up.length === 0 ? ['.'] : up), ...there.slice(same)].join('/')
}

function normalize(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
