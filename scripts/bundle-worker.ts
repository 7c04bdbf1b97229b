/**
 * Bundles the CPU thread: replaces packages/workers/dist/cpu-worker.js, as emitted by `tsc -b`, by one
 * file that holds the thread's code and @mmgather/core in a single scope, so that the hot calls of the
 * kernel text are calls within one module. Node built-ins and npm dependencies stay imports.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'

import {
  boundMachine,
  constantFunctions,
  constantParameters,
} from './bundle-worker/bound-machine.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const input = path('../packages/workers/src/cpu-worker.ts')
const output = path('../packages/workers/dist/cpu-worker.js')

function isExternal(id: string): boolean {
  return !/^([./]|@mmgather\/)/.test(id)
}

if (!existsSync(input)) {
  console.error('bundle-worker: packages/workers/src/cpu-worker.ts is missing, no bundle written')
} else {
  const bundle = await rolldown({
    input,
    platform: 'node',
    external: isExternal,
    plugins: [boundMachine()],
    resolve: { conditionNames: ['@mmgather/source', 'node', 'import', 'default'] },
    optimization: { inlineConst: { mode: 'all', pass: 3 } },
    // What core imports for other threads (schemas, YAML) must not follow it into this one.
    treeshake: { moduleSideEffects: [{ external: true, sideEffects: false }] },
  })
  const { output: chunks } = await bundle.write({
    file: output,
    format: 'esm',
    sourcemap: true,
    codeSplitting: false,
  })
  await bundle.close()
  const code = readFileSync(output, 'utf8')
  writeFileSync(output, constantParameters(constantFunctions(code)))
  const strangers = chunks[0].imports.filter((id) => !id.startsWith('node:') && id !== 'comlink')
  if (strangers.length > 0) {
    throw new Error(`bundle-worker: the CPU thread may not import ${strangers.join(', ')}`)
  }
}
