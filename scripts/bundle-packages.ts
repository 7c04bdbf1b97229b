/**
 * Bundles the packages: packages/<name>/dist gets a file for each module that can be imported from outside, and few others that
 * these share, for to find and read hundreds of small files took most of the time in which the command starts. `tsc -b` has
 * written the types beside them. What a package depends on stays an import, other packages of the repository included.
 *
 * Invariant: each module of the source is in one of these files, so whatever is imported first, there is one of it. (Threads that
 * run no file of a user have copies: see bundle-worker.)
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'

import { ENGINE_MODULES, formFile, SRC } from '../packages/core/src/forms/derive.ts'
import { FORMS } from '../packages/core/src/forms/emit.ts'
import { HOST_FILES } from '../packages/core/src/forms/rules/check.ts'

const PACKAGES = fileURLToPath(new URL('../packages/', import.meta.url))

/** Files that the modules of a package go to, those named first before others. Default: as few as do not load what is not needed. */
interface Group {
  name: string
  test: RegExp
}

/**
 * Of core. Functions of the kernel text have the same name in every form, and keep it in a file of their own, whose path
 * tells kernel text from accessors, as that of the source does: counterexamples name functions by their stacks. The files
 * import each other downwards, as the layers do.
 */
const CORE_GROUPS: readonly Group[] = [
  { name: 'base', test: /core\/src\/(?:lib|scenario|machine|sync|mm|kernel|api)\// },
  { name: 'forms', test: /core\/src\/forms\// },
  ...FORMS.flatMap((form) => [
    { name: `${form}/machine/text`, test: new RegExp(`core/src/generated/${form}/machine/`) },
    { name: `${form}/kernel/text`, test: new RegExp(`core/src/generated/${form}/`) },
  ]),
  { name: 'engines', test: /core\/src\// },
]

/** Modules of core that derived text of users' files imports, besides those that it exports. */
function importedByUsers(): string[] {
  const hosts = FORMS.flatMap((form) => Object.keys(HOST_FILES).map((file) => formFile(form, file)))
  const engines = Object.values(ENGINE_MODULES).flatMap(({ sync, memory }) => [sync, memory])
  return [...Object.keys(HOST_FILES), ...hosts, ...engines.map((file) => SRC + file)].map((file) =>
    file.slice(SRC.length),
  )
}

interface Manifest {
  exports: Record<string, { '@mmgather/source'?: string } | string>
  bin?: Record<string, string>
}

/** What can be imported or run, by its place in `src`. */
function entriesOf(name: string): string[] {
  const manifest = JSON.parse(
    readFileSync(join(PACKAGES, name, 'package.json'), 'utf8'),
  ) as Manifest
  const exported = Object.values(manifest.exports).map((each) =>
    typeof each === 'string' ? undefined : each['@mmgather/source'],
  )
  const run = Object.values(manifest.bin ?? {}).map((file) =>
    file.replace('./dist/', './src/').replace(/js$/, 'ts'),
  )
  return [...exported, ...run].flatMap((file) => file?.slice('./src/'.length) ?? [])
}

async function bundlePackage(
  name: string,
  more: readonly string[] = [],
  groups: readonly Group[] = [],
): Promise<void> {
  const [src, dist] = [join(PACKAGES, name, 'src/'), join(PACKAGES, name, 'dist/')]
  const entries = [...new Set([...entriesOf(name), ...more])]
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((file) => [file.replace(/\.ts$/, ''), src + file])),
    platform: 'node',
    // a relative path, or the path of a file
    external: (id) => !/^[./]/.test(id),
    preserveEntrySignatures: 'allow-extension',
  })
  for (const file of javascriptOf(dist)) rmSync(dist + file)
  const { output } = await bundle.write({
    dir: dist,
    format: 'esm',
    sourcemap: true,
    // packages ship their sources
    sourcemapExcludeSources: true,
    entryFileNames: '[name].js',
    // beside the entries of the package: what is read relative to a module is found
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: groups.map((group, i) => ({ ...group, priority: groups.length - i })),
    },
  })
  await bundle.close()
  for (const { fileName } of output) if (fileName.endsWith('.map')) nameSources(dist + fileName)
}

function javascriptOf(dist: string): string[] {
  return readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.js(?:\.map)?$/.test(file),
  )
}

/** Maps of derived text name the text that it was derived from, whose lines are the same. */
function nameSources(file: string): void {
  const map = JSON.parse(readFileSync(file, 'utf8')) as { sources: string[] }
  map.sources = map.sources.map((source) => source.replace(/\/generated\/\w+\//, '/'))
  writeFileSync(file, JSON.stringify(map))
}

await bundlePackage('core', importedByUsers(), CORE_GROUPS)
for (const name of ['report', 'workers', 'cli']) await bundlePackage(name)
