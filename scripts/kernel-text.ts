/**
 * Lint of the kernel text: finds what the derived forms and the WebAssembly compiler could not take.
 *
 * Kernel text is int32 and boolean values, locals, constants and direct calls of module-level functions;
 * CONTRIBUTING.md has the rules. All violations of all files are reported at once.
 */
import { checkTexts } from '../packages/core/src/forms/rules/check-texts.ts'
import { HOST_FILES } from '../packages/core/src/forms/rules/check.ts'
import { kernelFiles, readSource } from './kernel-files.ts'

function main(): number {
  const files = kernelFiles().filter((file) => !(file in HOST_FILES))
  const found = checkTexts(files, readSource)
  for (const line of found) console.error(line)
  console.log(`kernel-text: ${files.length} files, ${found.length} violations`)
  return found.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = main()
