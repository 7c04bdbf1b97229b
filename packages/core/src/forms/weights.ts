/**
 * How many plain accesses a piece of kernel text makes: what the forms for virtual time charge, a stretch of statements
 * at a time instead of an access at a time. They are counted in quarters of one: an access to the CPU's own block
 * (`cpu + ...`), which does not leave the first-level cache, is a quarter.
 *
 * A plain function without branches, loops and recursion is charged by its callers, which know its weight; every other
 * function charges its own stretches, and so does a plain member of a strategy, which callers do not name. A stretch ends
 * behind a statement that may leave the block or stop the CPU, so that what is not reached is not charged. Both sides of
 * `&&`, `||` and `?:` count as made. What the kernel does not do, counting for the report and assertions, is not charged,
 * arguments included.
 */

import type {
  CallExpression,
  Directive,
  Function as FunctionNode,
  Node,
  Statement,
} from 'oxc-parser'

import { type Analysis, isOwnAddress } from './analysis.ts'
import type { Place, TextModule } from './modules.ts'
import { UNCHARGED } from './primitives.ts'
import { walk } from './walk.ts'

/** What an access to a word of the CPU's own block, and to any other, is counted as. */
const OWN_QUARTERS = 1
const QUARTERS = 4

/** So many quarters of an access are charged at the start of `at`, which stands alone under its parent if `isBare`. */
export interface Charge {
  readonly at: Statement | Directive
  readonly quarters: number
  readonly isBare: boolean
}

export class Weights {
  readonly #analysis: Analysis
  readonly #isMemory: (file: string) => boolean
  readonly #straight: Map<string, number>
  readonly #recursive = new Map<string, boolean>()

  /**
   * @param isMemory - is this the module of `load` and `store`?
   * @param elsewhere - `chargedToCallers` of modules that are not among those analysed.
   */
  constructor(
    analysis: Analysis,
    isMemory: (file: string) => boolean,
    elsewhere: Iterable<readonly [string, number]> = [],
  ) {
    this.#analysis = analysis
    this.#isMemory = isMemory
    this.#straight = new Map(elsewhere)
  }

  /** What the callers of each function, by `file#name`, are charged for it; functions that cost them nothing are left out. */
  chargedToCallers(): Map<string, number> {
    const charged = new Map<string, number>()
    for (const { file, functions } of this.#analysis.modules.byFile.values()) {
      for (const name of functions.keys()) {
        const quarters = this.#weightOf(file, name)
        if (quarters > 0) charged.set(`${file}#${name}`, quarters)
      }
    }
    return charged
  }

  /** What a function charges, in the order of the text: nothing if its callers do. */
  chargesOf(module: TextModule, name: string): Charge[] {
    const fn = module.functions.get(name)
    if (fn === undefined || fn.body === null || UNCHARGED.has(name)) return []
    if (this.#isCharged(module.file, name, fn)) return []
    const charges: Charge[] = []
    this.#block(module.file, fn.body.body, 0, charges)
    return charges
  }

  /** Do the callers of this function charge for it? */
  #isCharged(file: string, name: string, fn: FunctionNode): boolean {
    if (this.#analysis.suspends({ file, name }) || !isStraight(fn)) return false
    if (this.#analysis.isPlainMember({ file, name })) return false
    return !this.#isRecursive(file, name)
  }

  /** Does this function call itself, by any chain of calls? */
  #isRecursive(file: string, name: string): boolean {
    const key = `${file}#${name}`
    const known = this.#recursive.get(key)
    if (known !== undefined) return known
    const seen = new Set<string>()
    const queue: Place[] = [{ file, name }]
    for (let caller = queue.pop(); caller !== undefined; caller = queue.pop()) {
      for (const place of this.#calledBy(caller)) {
        const called = `${place.file}#${place.name}`
        if (seen.has(called)) continue
        seen.add(called)
        queue.push(place)
      }
    }
    this.#recursive.set(key, seen.has(key))
    return seen.has(key)
  }

  /** The functions that a function calls by name. */
  #calledBy({ file, name }: Place): Place[] {
    const body = this.#analysis.modules.byFile.get(file)?.functions.get(name)?.body
    const places: Place[] = []
    if (body === null || body === undefined) return places
    walk(body, (node) => {
      if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return
      const place = this.#analysis.modules.resolve(file, node.callee.name)
      if (place !== undefined) places.push(place)
    })
    return places
  }

  /** Charges a list of statements; `before` quarters are made in any case before the first. */
  #block(
    file: string,
    list: readonly (Statement | Directive)[],
    before: number,
    charges: Charge[],
  ): void {
    let first: Statement | Directive | undefined
    let quarters = before
    const close = (): void => {
      if (first !== undefined && quarters > 0) charges.push({ at: first, quarters, isBare: false })
      first = undefined
      quarters = 0
    }
    for (const statement of list) {
      first ??= statement
      const inner: Charge[] = []
      quarters += this.#statement(file, statement, inner)
      if (this.#endsStretch(file, statement)) close()
      // in the order of the text: a stretch is charged at its first statement, before what is inside of it
      charges.push(...inner)
    }
    close()
    charges.sort((a, b) => a.at.start - b.at.start)
  }

  /** The accesses that a statement makes whichever way it goes; what depends on the way is charged inside. */
  #statement(file: string, node: Statement | Directive, charges: Charge[]): number {
    switch (node.type) {
      case 'BlockStatement': {
        this.#block(file, node.body, 0, charges)
        return 0
      }
      case 'IfStatement': {
        this.#branch(file, node.consequent, 0, charges)
        let quarters = this.#expression(file, node.test)
        // the tests of `else if` count as made
        if (node.alternate?.type === 'IfStatement')
          quarters += this.#statement(file, node.alternate, charges)
        else if (node.alternate) this.#branch(file, node.alternate, 0, charges)
        return quarters
      }
      case 'WhileStatement':
        this.#branch(file, node.body, this.#expression(file, node.test), charges)
        return 0
      case 'ForStatement': {
        const each = [node.test, node.update].map((part) => this.#expression(file, part))
        this.#branch(file, node.body, (each[0] ?? 0) + (each[1] ?? 0), charges)
        return this.#expression(file, node.init)
      }
      default:
        return this.#expression(file, node)
    }
  }

  /** The body of a loop or a branch, whether it is a block or not. */
  #branch(file: string, node: Statement, before: number, charges: Charge[]): void {
    if (node.type === 'BlockStatement') {
      this.#block(file, node.body, before, charges)
      return
    }
    const quarters = before + this.#statement(file, node, charges)
    if (quarters > 0) charges.push({ at: node, quarters, isBare: true })
  }

  /** The accesses in an expression, or in a statement without statements inside. */
  #expression(file: string, node: Node | null | undefined): number {
    let quarters = 0
    if (node !== null && node !== undefined) {
      walk(node, (each) => {
        if (each.type !== 'CallExpression') return undefined
        if (each.callee.type === 'Identifier' && UNCHARGED.has(each.callee.name)) return 'skip'
        quarters += this.#call(file, each)
        return undefined
      })
    }
    return quarters
  }

  #call(file: string, node: CallExpression): number {
    if (node.callee.type !== 'Identifier') return 0
    const place = this.#analysis.modules.resolve(file, node.callee.name)
    if (place === undefined) return 0
    if (this.#isMemory(place.file)) {
      if (place.name !== 'load' && place.name !== 'store') return 0
      return isOwnAddress(node.arguments[0]) ? OWN_QUARTERS : QUARTERS
    }
    return this.#weightOf(place.file, place.name)
  }

  /** The accesses of a function that its callers charge; 0 for any other. */
  #weightOf(file: string, name: string): number {
    const key = `${file}#${name}`
    const known = this.#straight.get(key)
    if (known !== undefined) return known
    const fn = this.#analysis.modules.byFile.get(file)?.functions.get(name)
    if (fn === undefined || fn.body === null || !this.#isCharged(file, name, fn)) return 0
    // what calls itself is not charged by its callers, so this ends
    const weight = this.#expression(file, fn.body)
    this.#straight.set(key, weight)
    return weight
  }

  /** May the CPU stop in this statement, or leave the block from within it? */
  #endsStretch(file: string, statement: Statement | Directive): boolean {
    let ends = false
    walk(statement, (node) => {
      if (/^(?:Return|Break|Continue)Statement$/.test(node.type)) ends = true
      if (
        node.type === 'CallExpression' &&
        this.#analysis.stops(this.#analysis.calleeOf(file, node))
      )
        ends = true
    })
    return ends
  }
}

/** No branches, no loops. */
function isStraight(fn: FunctionNode): boolean {
  let straight = true
  walk(fn.body as Node, (node) => {
    if (/^(?:If|For|While)Statement$/.test(node.type)) straight = false
  })
  return straight
}
