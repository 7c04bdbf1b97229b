/**
 * Collects what is wrong: the first violations in full, the rest counted by rule.
 *
 * One broken word can break thousands of objects, so a message is only built if there is room for it.
 */

import type { RuleName } from './rules.ts'

/** A broken invariant. */
export interface Violation {
  /** Name of the rule, see VERIFY_RULES. */
  readonly rule: string
  /** Which object (pfn, mm, lruvec...), what was expected and what was found. */
  readonly message: string
}

export class Violations {
  private readonly max: number
  private readonly listed: Violation[] = []
  private readonly unlisted = new Map<RuleName, number>()

  /** @param max - so many are listed at most, plus one that says how many more there are. */
  constructor(max: number) {
    this.max = max
  }

  /** A rule does not hold. */
  add(rule: RuleName, message: () => string): void {
    if (this.listed.length < this.max) this.listed.push({ rule, message: message() })
    else this.unlisted.set(rule, (this.unlisted.get(rule) ?? 0) + 1)
  }

  /** Reports `rule` unless found and expected are equal. */
  equal(rule: RuleName, found: number, expected: number, what: () => string): void {
    if (found === expected) return
    this.add(rule, () => `${what()}: expected ${expected}, found ${found}`)
  }

  list(): Violation[] {
    if (this.unlisted.size === 0) return this.listed
    const total = [...this.unlisted.values()].reduce((sum, n) => sum + n, 0)
    const parts = [...this.unlisted].map(([rule, n]) => `${rule} ${n}`)
    const more: { rule: RuleName; message: string } = {
      rule: 'more',
      message: `${total} more not listed: ${parts.join(', ')}`,
    }
    return [...this.listed, more]
  }
}
