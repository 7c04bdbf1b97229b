/**
 * @mmgather/core/forms: derives the other forms of the kernel text. Node only (the parser is native code).
 */

export { DeriveError } from './analysis.ts'
export { Modules, ParseError, parseModule, type Place, type TextModule } from './modules.ts'
export {
  type CheckKernelOptions,
  compileCheckKernel,
  compileKernel,
  compileVirtualKernel,
  describeKernel,
  type KernelOptions,
  type VirtualKernelOptions,
} from './wasm/kernel.ts'
export { describeShipped, type ShippedName, type ShippedText } from './users/shipped.ts'
export type { KernelParts } from './wasm/parts.ts'
export { WasmCompileError } from './wasm/errors.ts'
export {
  type DerivedUserFiles,
  deriveUserFiles,
  USER_FORMS,
  type UserFileOptions,
  type UserForm,
} from './users/derive.ts'
