/**
 * The static checks by name, in the order in which they run: cheap ones first.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { build } from '../setup/build.mjs'
import { ROOT } from '../setup/run.mjs'
import { command } from './command.ts'
import { checkInstalled, checkTarballs } from './packed.ts'

type Step = (options: { isUpdate: boolean }) => Promise<unknown>

export const STEPS: Record<string, Step> = {
  build,
  // The sources' types were checked by the build.
  types: () => command('tsc', ['-p', 'tsconfig.test.json']),
  // Typed oxlint is known to hang when it finds no ignore file, hence the short limit.
  lint: () => command('oxlint', ['--type-aware', '--deny-warnings'], { seconds: 120 }),
  format: () => command('biome', ['format', '.']),
  tidy: () => command('node', ['scripts/tidy.ts']),
  'kernel-text': () => command('node', ['scripts/kernel-text.ts']),
  derive: () => command('node', ['scripts/derive.ts', '--check']),
  determinism: checkDeterminism,
  // docs/fidelity.md says what the code says.
  fidelity: ({ isUpdate }) =>
    command('node', ['scripts/fidelity-doc.ts', ...(isUpdate ? [] : ['--check'])], { seconds: 60 }),
  // docs/guide, and examples in other documents, show what their commands print and draw.
  guide: ({ isUpdate }) =>
    command('node', ['scripts/guide.ts', ...(isUpdate ? [] : ['--check'])], { seconds: 400 }),
  knip: () => command('knip', ['--no-progress']),
  api: checkApi,
  tarballs: checkTarballs,
  installed: checkInstalled,
}

/** The reports of the virtual engine are the same to the byte under our Node and under an older one. */
async function checkDeterminism(): Promise<void> {
  const script = 'scripts/determinism.ts'
  await command('node', [script], { seconds: 60 })
  const node = ['--yes', 'node@22']
  try {
    await command('npx', [...node, '--version'], { seconds: 20 })
  } catch {
    console.log('       determinism: not under Node 22, which the registry does not give')
    return
  }
  await command('npx', [...node, script], { seconds: 60 })
}

async function checkApi({ isUpdate }: { isUpdate: boolean }): Promise<void> {
  const args = ['run', '--config', 'packages/core/api-extractor.json']
  if (isUpdate) {
    mkdirSync(join(ROOT, 'packages/core/etc'), { recursive: true })
    await command('api-extractor', [...args, '--local'])
    return
  }
  try {
    await command('api-extractor', args)
  } catch (error) {
    const hint =
      'If the API of @mmgather/core is meant to change: npm run api, and commit the report.'
    throw new Error(`${(error as Error).message}\n${hint}`, { cause: error })
  }
}
