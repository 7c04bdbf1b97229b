/**
 * Writes down what is made of the kernel text alone, so that nobody makes it when mmgather runs.
 *
 * For each strategy that ships, its WebAssembly: packages/workers/dist/kernel/<id>.wasm for CPU threads,
 * kernel/virtual/<id>.wasm for virtual time, kernel/check/<id>.wasm for checks. For strategies of users, in
 * packages/core/dist/forms: what the text is to their files (shipped.json), and the functions of the kernel as the strategies
 * that ship have them (kernel-parts).
 */
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'

import { SRC } from '../packages/core/src/forms/derive.ts'
import { describeShipped } from '../packages/core/src/forms/users/shipped.ts'
import {
  compileCheckKernel,
  compileKernel,
  compileVirtualKernel,
  describeKernel,
} from '../packages/core/src/forms/wasm/kernel.ts'
import { STRATEGIES } from '../packages/core/src/mm/strategies/index.ts'
import { readSource, ROOT } from './kernel-files.ts'

const forms = `${ROOT}packages/core/dist/forms`
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

const core = globSync(`${SRC}{api,kernel,machine,mm,sync}/**/*.ts`, { cwd: ROOT }).sort()
const texts = new Map(core.map((file) => [file, readSource(file) ?? '']))
writeFileSync(`${forms}/shipped.json`, JSON.stringify(describeShipped(texts)))

const ids = STRATEGIES.map(({ strategy }) => strategy.id)
const parts = describeKernel(ids, readSource)
writeFileSync(`${forms}/kernel-parts.json`, JSON.stringify(parts.index))
writeFileSync(`${forms}/kernel-parts.bin`, parts.bytes)
