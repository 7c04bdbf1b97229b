/**
 * Which locals a function still needs when it goes on after a stop: those that are read before they are set again.
 *
 * A walk from the end of the function to its beginning. Sets of locals are bits of a bigint.
 */

import { childrenOf, type Code, type Label } from './code.ts'

type Locals = bigint

/** By statement that stops (a call, a `set` of one, or a stop): the locals that are needed after it, ascending. */
export function neededAfterStops(body: readonly Code[]): Map<Code, number[]> {
  const walk = new Walk()
  walk.list(body, 0n)
  return new Map(Array.from(walk.after, ([code, locals]) => [code, numbersOf(locals)]))
}

function bit(local: number): Locals {
  return 1n << BigInt(local)
}

function numbersOf(locals: Locals): number[] {
  const numbers: number[] = []
  for (let rest = locals, n = 0; rest !== 0n; rest >>= 1n, n++)
    if ((rest & 1n) !== 0n) numbers.push(n)
  return numbers
}

class Walk {
  readonly after = new Map<Code, Locals>()
  /** Needed where a branch to the label goes. */
  readonly #at = new Map<Label, Locals>()

  /** What is needed before these instructions, if `needed` is after them. */
  list(codes: readonly Code[], needed: Locals): Locals {
    return codes.reduceRight((after, code) => this.#before(code, after), needed)
  }

  #before(code: Code, needed: Locals): Locals {
    switch (code.op) {
      case 'get':
        return needed | bit(code.local)
      case 'set':
      case 'tee': {
        const others = needed & ~bit(code.local)
        if (code.value.op === 'call' && code.value.stops === true) this.#note(code, others)
        return this.#before(code.value, others)
      }
      case 'stop':
        this.#note(code, needed)
        return needed
      case 'call':
        if (code.stops === true) this.#note(code, needed)
        return this.list(code.operands, needed)
      case 'if':
        return this.#before(code.test, this.list(code.yes, needed) | this.list(code.no, needed))
      case 'block':
        this.#at.set(code.label, needed)
        return this.list(code.body, needed)
      case 'loop':
        return this.#loop(code, needed)
      case 'branch': {
        const there = this.#at.get(code.label) ?? 0n
        return code.value ? this.#before(code.value, there) : there
      }
      case 'branchTable':
        return this.#before(
          code.index,
          code.labels.reduce((all, label) => all | (this.#at.get(label) ?? 0n), 0n),
        )
      case 'return':
        return code.value ? this.#before(code.value, 0n) : 0n
      case 'unreachable':
        return 0n
      default:
        return this.list(childrenOf(code), needed)
    }
  }

  /** What the beginning of a loop needs, its end needs too. */
  #loop(code: Extract<Code, { op: 'block' | 'loop' }>, after: Locals): Locals {
    let needed: Locals = 0n
    for (;;) {
      this.#at.set(code.label, needed)
      const before = this.list(code.body, after)
      if ((before | needed) === needed) return needed
      needed |= before
    }
  }

  #note(code: Code, needed: Locals): void {
    this.after.set(code, (this.after.get(code) ?? 0n) | needed)
  }
}
