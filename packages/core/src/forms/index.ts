/**
 * @mmgather/core/forms: derives the other forms of the kernel text. Build time and Node only (the parser is native code).
 */

export { Modules, ParseError, parseModule, type Place, type TextModule } from './modules.ts'
export { compileKernel, type KernelOptions } from './wasm/kernel.ts'
export { WasmCompileError } from './wasm/errors.ts'
