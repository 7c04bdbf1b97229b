/**
 * Bundles the threads: replaces packages/workers/dist/{cpu,virtual,sweep/sweep}-worker.js, as emitted by `tsc -b`, each by one
 * file that holds the thread's code and @mmgather/core in a single scope, so that the hot calls of the kernel text are calls within
 * one module. Node built-ins and npm dependencies stay imports.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'

import {
  boundMachine,
  constantFunctions,
  constantParameters,
} from './bundle-worker/bound-machine.ts'

/** A thread's entry, what its bundle may import beside node: built-ins, and what is done to its code. */
interface Thread {
  name: string
  externals: readonly string[]
  /** Does it work on one machine, known when it is evaluated? */
  isBound: boolean
  readonly finish: (code: string) => string
}

const THREADS: readonly Thread[] = [
  {
    name: 'cpu-worker',
    externals: ['comlink'],
    isBound: true,
    finish: (code) => constantParameters(constantFunctions(code)),
  },
  // many CPUs run in this one, so that only the functions are constants
  {
    name: 'virtual-worker',
    externals: [],
    isBound: true,
    finish: constantFunctions,
  },
  // one machine after the other
  {
    name: 'sweep/sweep-worker',
    externals: [],
    isBound: false,
    finish: constantFunctions,
  },
]

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

function isExternal(id: string): boolean {
  return !/^([./]|@mmgather\/)/.test(id)
}

async function bundleThread({ name, externals, isBound, finish }: Thread): Promise<void> {
  const file = path(`../packages/workers/dist/${name}.js`)
  const bundle = await rolldown({
    input: path(`../packages/workers/src/${name}.ts`),
    platform: 'node',
    external: isExternal,
    plugins: isBound ? [boundMachine()] : [],
    resolve: { conditionNames: ['@mmgather/source', 'node', 'import', 'default'] },
    optimization: { inlineConst: { mode: 'all', pass: 3 } },
    // What core imports for other threads (schemas, YAML) must not follow it into this one.
    treeshake: { moduleSideEffects: [{ external: true, sideEffects: false }] },
  })
  const { output: chunks } = await bundle.write({
    file,
    format: 'esm',
    sourcemap: true,
    codeSplitting: false,
  })
  await bundle.close()
  writeFileSync(file, finish(readFileSync(file, 'utf8')))
  const strangers = chunks[0].imports.filter(
    (id) => !id.startsWith('node:') && !externals.includes(id),
  )
  if (strangers.length > 0)
    throw new Error(`bundle-worker: the thread ${name} may not import ${strangers.join(', ')}`)
}

for (const thread of THREADS) await bundleThread(thread)
