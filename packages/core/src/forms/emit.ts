/**
 * Writes a module of kernel text in another form.
 *
 * raw: the text as it stands, on the plain accesses and primitives of the checker, which can leave it and come back.
 * conditional: functions that can stop a CPU become generators; the text suspends only if another CPU is earlier (`yield 0`)
 * or if it must wait (`yield 1`), and performs the primitive itself. profiled: conditional, and every function says when it
 * is entered and left.
 *
 * Text is only inserted, within lines, so that lines are those of the source; a source map has the columns. Invariant:
 * each call that can stop stands directly under its `yield` (an audit that shares no code with this file tests it).
 */

import { MagicString } from 'magic-string'
import type {
  CallExpression,
  Expression,
  Function as FunctionNode,
  ImportSpecifier,
  Node,
  TSType,
} from 'oxc-parser'

import { type Analysis, type Callee, DeriveError, isOwnAddress } from './analysis.ts'
import type { TextModule } from './modules.ts'
import { OWN_FRAME } from './primitives.ts'
import { type Refuse, Report } from './rules/report.ts'
import { blankTypes, type Range, withoutTypes } from './types.ts'
import { walk } from './walk.ts'
import type { Charge, Weights } from './weights.ts'

export const FORMS = ['raw', 'conditional', 'profiled'] as const
export type Form = (typeof FORMS)[number]

export interface EmitOptions {
  form: Form
  /** What plain accesses are charged; not for the raw form. */
  weights?: Weights
  /** Is this the module of the plain accesses? */
  isMemory(file: string): boolean
  /** Specifier of the engine's primitives, for the names that the form itself needs. */
  engine: string
  /** profiled: do this module's functions count? Accessors are part of who calls them. */
  entersFunctions: boolean
  /**
   * Where the engine's `loadOwn` and `storeOwn` are, for text that does not import the memory module itself; absent: with
   * `load` and `store`.
   */
  ownMemory?: string
  /** Every turn of a loop asks the engine whether it goes on, telling it this name and the line: for text of users. */
  turnsAs?: string
  /** The parts of the text that are types, to leave them out and bring none in, for JavaScript. Default: it stays TypeScript. */
  types?: readonly Range[]
  /** The source as the source map names it. */
  source: string
  /** What takes the place of the specifier that leads to `file`. */
  specifier(file: string): string
}

export interface Emitted {
  readonly code: string
  /** Makes the source map (version 3) from the emitted text to the source. */
  readonly map: () => string
}

type EngineName =
  | 'result'
  | 'slack'
  | 'ahead'
  | 'chargeAccesses'
  | 'enter'
  | 'leave'
  | 'turn'
  | 'Steps'

const TYPE_STEPS = 'type Steps as $Steps'

/** Derives one module. Throws DeriveError where a call that can stop stands where none may. */
export function emitModule(analysis: Analysis, module: TextModule, options: EmitOptions): Emitted {
  const report = new Report(module.file, module.text)
  const emitter = new Emitter(analysis, module, options, report.refuse)
  const emitted = emitter.emit()
  const violations = report.lines()
  if (violations.length > 0) throw new DeriveError(violations)
  return emitted
}

class Emitter {
  readonly #analysis: Analysis
  readonly #module: TextModule
  readonly #options: EmitOptions
  readonly #refuse: Refuse
  readonly #text: MagicString
  readonly #used = new Set<EngineName>()
  readonly #usedOwn = new Set<string>()

  constructor(analysis: Analysis, module: TextModule, options: EmitOptions, refuse: Refuse) {
    this.#analysis = analysis
    this.#module = module
    this.#options = options
    this.#refuse = refuse
    this.#text = new MagicString(module.text)
  }

  emit(): Emitted {
    const { functions, sources, program } = this.#module
    for (const [name, fn] of functions) this.#function(name, fn)
    if (this.#options.weights !== undefined) this.#ownAccesses()
    if (this.#options.form !== 'raw')
      for (const statement of program.body) this.#strategyInterface(statement)
    for (const { literal, file: target } of sources) {
      this.#text.update(literal.start + 1, literal.end - 1, this.#options.specifier(target))
    }
    blankTypes(this.#text, this.#options.types ?? [])
    this.#text.prepend(this.#header())
    return {
      code: this.#text.toString(),
      map: () => this.#text.generateMap({ source: this.#options.source, hires: true }).toString(),
    }
  }

  /** The names of the engine's that this text uses, on the first line. */
  #header(): string {
    const names = [...this.#used].map((name) =>
      name === 'Steps' ? TYPE_STEPS : `${name} as $${name}`,
    )
    const { engine, ownMemory = '' } = this.#options
    return importLine(names, engine) + importLine([...this.#usedOwn], ownMemory)
  }

  #function(name: string, fn: FunctionNode): void {
    if (fn.body === null || this.#options.form === 'raw') return
    const suspends = this.#analysis.suspends({ file: this.#module.file, name })
    if (suspends) {
      this.#text.appendLeft(fn.start + 'function'.length, '*')
      this.#wrapType(fn.returnType?.typeAnnotation)
    }
    if (this.#options.form === 'profiled' && this.#options.entersFunctions) {
      this.#used.add('enter').add('leave')
      this.#text.appendLeft(fn.body.start + 1, ` $enter('${name}'); try {`)
      this.#text.appendLeft(fn.body.end - 1, '} finally { $leave() } ')
    }
    for (const charge of this.#options.weights?.chargesOf(this.#module, name) ?? [])
      this.#charge(charge)
    if (this.#options.turnsAs !== undefined) this.#turns(fn.body, this.#options.turnsAs)
    walk(fn.body, (node, parents) => {
      if (node.type !== 'CallExpression') return
      const callee = this.#analysis.calleeOf(this.#module.file, node)
      if (this.#analysis.stops(callee)) this.#call(node, callee, parents)
    })
  }

  /** Each turn of a loop tells the engine, so that one that never ends and never stops is noticed. */
  #turns(body: Node, file: string): void {
    walk(body, (node) => {
      if (node.type !== 'WhileStatement' && node.type !== 'ForStatement') return
      this.#used.add('turn')
      const line = this.#module.text.slice(0, node.start).split('\n').length
      const turn = `$turn(${JSON.stringify(`${file}:${line}`)}); `
      if (node.body.type === 'BlockStatement')
        this.#text.appendLeft(node.body.start + 1, ` ${turn}`)
      else {
        this.#text.appendLeft(node.body.start, `{ ${turn}`)
        this.#text.appendRight(node.body.end, ' }')
      }
    })
  }

  /** A stretch of statements is charged for its plain accesses before its first statement. */
  #charge({ at, quarters, isBare }: Charge): void {
    this.#used.add('chargeAccesses')
    this.#text.appendLeft(at.start, `${isBare ? '{ ' : ''}$chargeAccesses(${quarters}); `)
    if (isBare) this.#text.appendRight(at.end, ' }')
  }

  /**
   * Accesses to words of the CPU's own block, written `cpu + ...`, need not ask who has the line: they call `loadOwn` and
   * `storeOwn`. Where a module has no other accesses, the import alone changes.
   */
  #ownAccesses(): void {
    for (const specifier of this.#accessSpecifiers()) {
      const { local, imported } = specifier
      const own: CallExpression[] = []
      let others = 0
      walk(this.#module.program, (node) => {
        if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return
        if (node.callee.name !== local.name) return
        if (isOwnAddress(node.arguments[0])) own.push(node)
        else others++
      })
      if (own.length === 0) continue
      const name = `${this.#module.text.slice(imported.start, imported.end)}Own`
      const { ownMemory } = this.#options
      if (others === 0 && ownMemory === undefined)
        this.#text.update(specifier.start, specifier.end, `${name} as ${local.name}`)
      else {
        const renamed = `${name} as $${local.name}Own`
        if (ownMemory === undefined) this.#text.appendRight(specifier.end, `, ${renamed}`)
        else this.#usedOwn.add(renamed)
        for (const { callee } of own) {
          this.#text.appendLeft(callee.start, '$')
          this.#text.appendRight(callee.end, 'Own')
        }
      }
    }
  }

  /** The import specifiers of `load` and `store`. */
  #accessSpecifiers(): ImportSpecifier[] {
    const { file, program } = this.#module
    return program.body.flatMap((statement) => {
      if (statement.type !== 'ImportDeclaration' || statement.importKind === 'type') return []
      return statement.specifiers.flatMap((each) => {
        if (each.type !== 'ImportSpecifier') return []
        const declared = this.#analysis.modules.resolve(file, each.local.name)
        if (declared === undefined || !this.#options.isMemory(declared.file)) return []
        return declared.name === 'load' || declared.name === 'store' ? [each] : []
      })
    })
  }

  /** T becomes Steps<T>. */
  #wrapType(type: TSType | undefined): void {
    if (type === undefined || this.#options.types !== undefined) return
    this.#used.add('Steps')
    this.#text.appendLeft(type.start, '$Steps<')
    this.#text.appendRight(type.end, '>')
  }

  /** The functions of `interface Strategy`, but not those of its `plain`. */
  #strategyInterface(statement: Node): void {
    const declaration =
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declaration?.type !== 'TSInterfaceDeclaration' || declaration.id.name !== 'Strategy') return
    for (const member of declaration.body.body) {
      if (member.type === 'TSMethodSignature') this.#wrapType(member.returnType?.typeAnnotation)
    }
  }

  #call(node: CallExpression, callee: Callee, parents: readonly Node[]): void {
    const parent = parents.at(-1)
    const isStatement = parent?.type === 'ExpressionStatement'
    if (isInArgumentOfPrimitive(node, parents, this.#analysis, this.#module.file))
      this.#refuse(node, 'a call that can stop a CPU is no argument of a primitive: name it first')
    const { open, close } = this.#around(node, callee, isStatement)
    if (isStatement) {
      this.#text.appendLeft(node.start, open)
      // before the end of a block that was put around the statement
      this.#text.prependRight(node.end, close)
      return
    }
    const before = this.#startsStatement(node, parents) ? ';' : ''
    this.#text.appendLeft(node.start, `${before}(${open}`)
    this.#text.prependRight(node.end, `${close})`)
  }

  /** What goes before and after a call that can stop. */
  #around(node: CallExpression, callee: Callee, isStatement: boolean) {
    if (callee.kind !== 'primitive') return this.#aroundCall(callee, isStatement)
    const { blocking, address } = callee.primitive
    if (blocking && !isStatement)
      this.#refuse(node, `${callee.name} may have to wait: only as a statement of its own`)
    this.#refuseChanges(node)
    const where = address === undefined ? '0' : this.#address(node.arguments[address], node)
    this.#used.add('slack').add('ahead')
    const suspend = `$slack < 0 && $ahead(${where}) && (yield 0), `
    return { open: suspend, close: blocking ? ' && (yield 1)' : '' }
  }

  /** What goes around a call of a function that can stop. */
  #aroundCall(callee: Callee, isStatement: boolean): { open: string; close: string } {
    const name = callee.kind === 'strategy' ? callee.member : calledName(callee)
    if (!OWN_FRAME.has(name)) return { open: 'yield* ', close: '' }
    if (isStatement) return { open: 'yield ', close: '' }
    this.#used.add('result')
    return { open: 'yield ', close: ', $result()' }
  }

  /** The address is evaluated before all arguments and again among them: none may change a local that is in it. */
  #refuseChanges(call: CallExpression): void {
    for (const argument of call.arguments) {
      walk(argument, (node) => {
        if (node.type === 'AssignmentExpression' || node.type === 'UpdateExpression')
          this.#refuse(node, 'an argument of a primitive changes no local: change it first')
      })
    }
  }

  /** The text of an argument that is evaluated twice, on one line: lines stay those of the source. */
  #address(argument: Node | undefined, call: CallExpression): string {
    if (argument === undefined) {
      this.#refuse(call, 'the primitive is called without the address of its word')
      return '0'
    }
    walk(argument, (node) => {
      if (node.type === 'CallExpression')
        this.#refuse(
          node,
          'the address of a primitive is made of names and integers: name it first',
        )
    })
    const { types = [] } = this.#options
    const text = withoutTypes(this.#module.text, types, argument.start, argument.end)
    return text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '').replaceAll(/\s+/g, ' ')
  }

  /** Would a parenthesis in front of this expression continue the line before? */
  #startsStatement(node: Expression, parents: readonly Node[]): boolean {
    const at = parents.findLastIndex((each) => each.type === 'ExpressionStatement')
    const statement = parents[at]
    if (statement === undefined || statement.start !== node.start) return false
    const list = parents[at - 1]?.type
    if (list !== 'BlockStatement')
      this.#refuse(node, 'an expression that begins with such a call needs a block around it')
    return true
  }
}

function calledName(callee: Callee): string {
  return callee.kind === 'function' ? callee.place.name : ''
}

function importLine(names: readonly string[], from: string): string {
  return names.length === 0 ? '' : `import { ${names.join(', ')} } from '${from}'; `
}

function isInArgumentOfPrimitive(
  node: CallExpression,
  parents: readonly Node[],
  analysis: Analysis,
  file: string,
): boolean {
  return parents.some(
    (parent) =>
      parent.type === 'CallExpression' &&
      parent.callee !== node &&
      analysis.calleeOf(file, parent).kind === 'primitive' &&
      analysis.stops(analysis.calleeOf(file, parent)),
  )
}
