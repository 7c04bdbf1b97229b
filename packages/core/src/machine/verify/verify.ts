/**
 * verify: every invariant that can be stated of a machine at rest: before a run, after it, and after each munmap.
 *
 * What should be is derived from page tables, lists and the census, in this order: the memory model, locks, free
 * lists (they claim their pages), the kind of every other page frame, page tables, CPUs, LRU and deferred split lists,
 * folios, and at last the sums. Invariant: verify writes nothing.
 */

import type { Census } from '../census.ts'
import { bindMachine, type Machine } from '../machine.ts'
import { checkAddressSpaces } from './address-spaces.ts'
import { checkBounds } from './bounds.ts'
import { checkBuddy } from './buddy.ts'
import { checkConservation } from './conservation.ts'
import { checkCpus } from './cpus.ts'
import { createFacts } from './facts.ts'
import { checkFolios } from './folios.ts'
import { checkLocks } from './locks.ts'
import { checkLruLists, checkLruSizes } from './lru.ts'
import { checkMemcgs } from './memcgs.ts'
import { checkMemmap } from './memmap.ts'
import { classifyPageFrames } from './page-frames.ts'
import { checkPcps } from './pcp.ts'
import { checkSplitQueues } from './split-queues.ts'
import { checkStatistics } from './statistics.ts'
import { checkSwapMap } from './swap.ts'
import { type Violation, Violations } from './violation.ts'

export { describePage } from './describe-page.ts'
export { VERIFY_RULES } from './rules.ts'
export type { Violation } from './violation.ts'

export interface VerifyOptions {
  /** So many violations are listed at most, plus one that says how many more there are. Default 20. */
  violationsMax?: number
  /** Statistics are exact; else they may drift where the kernel lets them (docs/findings.md). Default false. */
  exactStatistics?: boolean
}

/** Checks a machine that no CPU is working on. Returns what is wrong with it; binds the machine to this thread. */
export function verify(machine: Machine, census: Census, options: VerifyOptions = {}): Violation[] {
  bindMachine(machine)
  const violations = new Violations(options.violationsMax ?? 20)
  if (!checkMemmap(violations)) return violations.list()
  const facts = createFacts(violations, census)
  checkLocks(violations)
  checkPcps(facts)
  checkBuddy(facts)
  classifyPageFrames(facts)
  checkAddressSpaces(facts)
  checkCpus(facts)
  checkLruLists(facts)
  checkSplitQueues(facts)
  checkFolios(facts)
  checkLruSizes(facts)
  checkMemcgs(facts)
  checkStatistics(facts, options.exactStatistics ?? false)
  checkSwapMap(facts)
  checkConservation(facts)
  checkBounds(violations)
  return violations.list()
}
