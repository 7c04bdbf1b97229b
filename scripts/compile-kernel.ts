/**
 * Compiles the kernel text to WebAssembly, for each strategy that ships: packages/workers/dist/kernel/<id>.wasm for CPU
 * threads, kernel/virtual/<id>.wasm for virtual time, kernel/check/<id>.wasm for checks.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'

import {
  compileCheckKernel,
  compileKernel,
  compileVirtualKernel,
} from '../packages/core/src/forms/wasm/kernel.ts'
import { STRATEGIES } from '../packages/core/src/mm/strategies/index.ts'
import { readSource, ROOT } from './kernel-files.ts'

const folder = `${ROOT}packages/workers/dist/kernel`

rmSync(folder, { recursive: true, force: true })
mkdirSync(`${folder}/virtual`, { recursive: true })
mkdirSync(`${folder}/check`, { recursive: true })
for (const { strategy } of STRATEGIES) {
  const options = { strategy: strategy.id, read: readSource }
  const name = `${encodeURIComponent(strategy.id)}.wasm`
  writeFileSync(`${folder}/${name}`, compileKernel(options))
  writeFileSync(`${folder}/virtual/${name}`, compileVirtualKernel(options))
  writeFileSync(`${folder}/check/${name}`, compileCheckKernel(options))
}
