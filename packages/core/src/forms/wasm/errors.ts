/**
 * What the compiler refuses, collected over all texts and told as `file:line:column: reason`.
 */

import type { Modules } from '../modules.ts'
import { type At, Report } from '../rules/report.ts'

/** Text that does not compile to WebAssembly. */
export class WasmCompileError extends Error {
  readonly violations: readonly string[]

  constructor(violations: readonly string[]) {
    super(`kernel text cannot be compiled to WebAssembly:\n${violations.join('\n')}`)
    this.name = 'WasmCompileError'
    this.violations = violations
  }
}

export class Refusals {
  readonly #modules: Modules
  readonly #nameOf: (file: string) => string
  readonly #reports = new Map<string, Report>()

  /** @param nameOf - the name of a file in messages. */
  constructor(modules: Modules, nameOf: (file: string) => string) {
    this.#modules = modules
    this.#nameOf = nameOf
  }

  refuse(file: string, at: At, reason: string): void {
    const text = this.#modules.byFile.get(file)?.text ?? ''
    const report = this.#reports.get(file) ?? new Report(this.#nameOf(file), text)
    this.#reports.set(file, report)
    report.refuse(at, reason)
  }

  /** Throws WasmCompileError if anything was refused. */
  check(): void {
    const lines = [...this.#reports.values()].flatMap((report) => report.lines())
    if (lines.length > 0) throw new WasmCompileError(lines)
  }
}
