/**
 * Builds packages/<name>/dist from src when a source or a setting of the build changed: the derived forms of the kernel
 * text, types by `tsc -b`, then the bundles of the packages, of the threads and of the page of reports, and the kernel text as
 * WebAssembly.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

import { NODE, ROOT, step } from './run.mjs'
import { filesBelow, hashOf, readStamp, writeStamp } from './stamp.mjs'

/** Derived from the sources, by the first step. */
const GENERATED = join(ROOT, 'packages/core/src/generated/')

const SETTINGS = [
  'tsconfig.json',
  'tsconfig.base.json',
  'pnpm-lock.yaml',
  'scripts/bundle-packages.ts',
  'scripts/bundle-report.ts',
  'scripts/bundle-worker.ts',
  'scripts/compile-kernel.ts',
  'scripts/derive.ts',
]

export async function build() {
  const packages = packagesWithSource()
  const sources = packages
    .flatMap((name) => filesBelow(join(ROOT, 'packages', name, 'src')))
    .filter((file) => !file.startsWith(GENERATED))
  const settings = [
    ...SETTINGS,
    ...packages.flatMap((name) => [
      `packages/${name}/tsconfig.json`,
      `packages/${name}/package.json`,
    ]),
  ].map((file) => join(ROOT, file))

  const hash = hashOf([...sources, ...settings])
  const files = sources.map((file) => relative(ROOT, file))
  const last = readStamp('build')
  const outputs = packages.map((name) => join(ROOT, 'packages', name, 'dist'))
  if (last?.hash === hash && existsSync(GENERATED) && outputs.every((dist) => existsSync(dist)))
    return

  // tsc never deletes what a removed source had left in dist, and keeps errors found under old settings.
  const settingsHash = hashOf(settings)
  const present = new Set(files)
  if (last?.settingsHash !== settingsHash || last.files.some((file) => !present.has(file))) {
    for (const dist of outputs) rmSync(dist, { recursive: true, force: true })
  }
  writeStamp('build', { hash: 'not done', settingsHash, files })
  await step('deriving the forms of the kernel text', NODE, ['scripts/derive.ts'])
  await step('checking types', NODE, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b'])
  await step('bundling the packages', NODE, ['scripts/bundle-packages.ts'])
  await step('bundling the CPU thread', NODE, ['scripts/bundle-worker.ts'])
  await step('bundling the page of reports', NODE, ['scripts/bundle-report.ts'])
  await step('compiling the kernel text', NODE, ['scripts/compile-kernel.ts'])
  writeStamp('build', { hash, settingsHash, files })
}

function packagesWithSource() {
  return readdirSync(join(ROOT, 'packages'))
    .filter((name) => filesBelow(join(ROOT, 'packages', name, 'src')).length > 0)
    .sort()
}
