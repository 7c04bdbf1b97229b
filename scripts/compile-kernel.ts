/**
 * Compiles the kernel text to WebAssembly, once for each strategy that ships: packages/workers/dist/kernel/<id>.wasm.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'

import { compileKernel } from '../packages/core/src/forms/wasm/kernel.ts'
import { STRATEGIES } from '../packages/core/src/mm/strategies/index.ts'
import { readSource, ROOT } from './kernel-files.ts'

const folder = `${ROOT}packages/workers/dist/kernel`

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const { strategy } of STRATEGIES) {
  const bytes = compileKernel({ strategy: strategy.id, read: readSource })
  writeFileSync(`${folder}/${encodeURIComponent(strategy.id)}.wasm`, bytes)
}
