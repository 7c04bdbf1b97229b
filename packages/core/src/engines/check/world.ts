/**
 * A populated machine made ready for a check: programs of its CPUs in the raw form, rules, TLBs, and what a complete execution
 * is looked at for.
 *
 * Invariant: between executions the machine is as populate left it.
 */

import { CPU_BASE, CPU_STRIDE, NR_CPUS, NR_PFNS } from '../../machine/globals.ts'
import type { Census } from '../../machine/census.ts'
import { bindMachine, type Machine } from '../../machine/machine.ts'
import { verify } from '../../machine/verify/verify.ts'
import { bindBreaks } from '../../sync/check-break.ts'
import { LOCK, TRYLOCK } from '../../sync/check-kinds.ts'
import { startRaces, stopRaces } from '../../sync/check-races.ts'
import { ruleWords, startLives, startRules } from '../../sync/check-rules.ts'
import { hashChanges } from '../../sync/check-undo.ts'
import { type PlainWatcher, watchPlain } from '../../sync/check-watch.ts'
import { type CheckKernel, instantiateCheck } from './compiled-text.ts'
import { type End, Execution, type Program } from './execution.ts'
import { HeededRules } from './heeded.ts'
import { bindNames, nameOfWord } from './names.ts'
import { type Breach, heedWith } from './rule-error.ts'
import { RULE_BREAKS } from './rules/messages.ts'
import { TLB_WORDS, UserTlb } from './user-tlb.ts'

/** Steps of one execution at most, unless told otherwise. */
export const STEPS_MAX = 20_000

export interface WorldOptions {
  /** What the CPU at this address runs, in the raw form. */
  readonly program: (cpu: number) => void
  /** The same program compiled, to run in its place. */
  readonly kernel?: CheckKernel
  readonly stepsMax?: number
  readonly plainValues?: boolean
  /** Rules that are looked at while an execution runs; default true. */
  readonly rules?: boolean
  /** Happens-before race detection; default true. */
  readonly races?: boolean
  /** verify at the end of complete executions; default true. */
  readonly verify?: boolean
}

/** More different results than this are not kept apart any more: each is verified anew. */
const OUTCOMES_MAX = 2_000_000

export class World {
  readonly execution: Execution
  readonly words: number
  readonly cpus: number = NR_CPUS
  readonly stepsMax: number
  /** Hashes of the states that complete executions have left. */
  readonly outcomes: Set<number> = new Set()
  /** Hashes of states in which nothing is wrong; unlike `outcomes` those of all parts of a check. */
  readonly #fine = new Set<number>()
  /** By hash: what a state that was looked at again has come to. */
  readonly #verdicts = new Map<number, End>()
  readonly #machine: Machine
  /** Addresses of the CPUs' blocks. */
  readonly #blocks: readonly number[]
  readonly #census: Census
  readonly #tlb: UserTlb
  readonly #verifies: boolean
  readonly #races: boolean
  readonly #heeded = new HeededRules()

  /** The machine is bound to this thread until `dispose`. */
  constructor(machine: Machine, census: Census, options: WorldOptions) {
    bindMachine(machine)
    bindNames()
    this.#machine = machine
    this.#census = census
    this.#verifies = options.verify ?? true
    // behind the machine's words those of the TLBs, and one for the life of each folio
    this.words = machine.words.length + TLB_WORDS + NR_PFNS
    this.stepsMax = options.stepsMax ?? STEPS_MAX
    this.#tlb = new UserTlb()
    const { program, kernel } = options
    const blocks = Array.from({ length: NR_CPUS }, (_, i) => CPU_BASE + i * CPU_STRIDE)
    this.execution = new Execution({
      words: this.words,
      programs: this.#programs(blocks, program),
      blocks,
      stepsMax: this.stepsMax,
      plainValues: options.plainValues ?? false,
      ruleWords: ruleWords(),
      watchers: [this.#heeded],
      hardware: this.#tlb,
    })
    this.#blocks = blocks
    if (kernel !== undefined) this.useKernel(kernel)
    startLives()
    if (options.rules ?? true) startRules()
    bindBreaks(RULE_BREAKS)
    this.#races = options.races ?? true
    this.heedAll()
  }

  /** From the next execution on the kernel text runs compiled, unless the machine is too large for that. */
  useKernel({ module }: CheckKernel): void {
    const { memory, offsets } = this.execution.arrays
    if (memory === undefined) return
    const text = instantiateCheck(module, this.#machine, memory, offsets)
    this.execution.runCompiled(this.#programs(this.#blocks, (cpu) => text.cpuMain(cpu)))
  }

  #programs(blocks: readonly number[], main: (cpu: number) => void): Program[] {
    return blocks.map((cpu) => () => this.#heeded.guard(() => main(cpu)))
  }

  /** Executions end at the first rule that they break: so it is unless told otherwise. */
  heedAll(): void {
    this.#heed(undefined)
  }

  /** Executions end at this rule; what they break besides is not looked at. */
  heedOnly(rule: string): void {
    this.#heed(rule)
  }

  /**
   * Executions go on behind the rules that they break, which are kept in `broken`; those at which they end all the same, as at
   * a race, in `ends` as well.
   */
  heedNone(): void {
    this.#heed('')
  }

  #heed(only: string | undefined): void {
    this.#heeded.heed(this.execution, only)
    this.#fine.clear()
    this.#verdicts.clear()
    const races = this.#races && (only === undefined || only === '' || only === 'data-race')
    if (races) startRaces()
    else stopRaces()
  }

  /** A race is known: executions go on behind it, for nobody looks for races from here on. */
  passRaces(): void {
    stopRaces()
    this.#heeded.ends.delete('data-race')
  }

  /** The rules that were broken since `heedNone`, each by the first execution that did. */
  get broken(): ReadonlyMap<string, Breach> {
    return this.#heeded.broken
  }

  /** Of those, the ones that executions have ended at. */
  get ends(): ReadonlySet<string> {
    return this.#heeded.ends
  }

  /** What is wrong with the state that a complete execution has left; each different state is verified once. */
  readonly inspect = (_: Execution, end: End): End => {
    if (end.kind !== 'completed') return this.#ended(end)
    const broken = this.#lost()
    if (broken !== undefined) return broken
    const hash = this.#hash()
    if (this.outcomes.has(hash)) return end
    if (this.outcomes.size < OUTCOMES_MAX) this.outcomes.add(hash)
    if (!this.#verifies || this.#fine.has(hash)) return end
    const found = this.#verify(end)
    if (found === end && this.#fine.size < OUTCOMES_MAX) this.#fine.add(hash)
    return found
  }

  /** As `inspect`, but a state is verified whether it was seen before or not. */
  readonly inspectAlways = (_: Execution, end: End): End => {
    if (end.kind !== 'completed') return this.#ended(end)
    const broken = this.#lost()
    if (broken !== undefined) return broken
    const hash = this.#hash()
    const known = this.#verdicts.get(hash)
    if (known !== undefined) return known
    const found = this.#verifies ? this.#verify(end) : end
    this.#verdicts.set(hash, found)
    return found
  }

  #ended(end: End): End {
    return this.#heeded.ended(end, () => this.describeWaits())
  }

  /** What user threads have lost in the execution that has completed. */
  #lost(): End | undefined {
    const wrong = this.#tlb.completed()
    const first = wrong && this.#heeded.first([wrong])
    return first && { kind: 'broken', ...first }
  }

  #hash(): number {
    return hashChanges() + (this.#tlb.hash() >>> 0) / 2 ** 33
  }

  /** What each CPU of a deadlock waits for. */
  describeWaits(): string {
    const { execution } = this
    const waits: string[] = []
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      if ((execution.done & (1 << cpu)) !== 0) continue
      const a = execution.lockOf(cpu)
      const holder = holderOf(execution, a)
      const by = holder === cpu ? 'it holds itself' : `CPU ${holder} holds`
      waits.push(`CPU ${cpu} waits for ${nameOfWord(a)}, which ${by}`)
    }
    return waits.join('; ')
  }

  #verify(end: End): End {
    const options = { exactStatistics: true, violationsMax: Infinity }
    const wrong = verify(this.#machine, this.#census, options)
    const first = this.#heeded.first(wrong)
    if (first === undefined) return end
    const also = wrong.length === 1 ? '' : ` (and ${wrong.length - 1} more)`
    return { kind: 'broken', rule: first.rule, message: `${first.message}${also}` }
  }

  /** Tells a watcher of plain stores and freed pages; returns what stops that. */
  watchAlso(watcher: PlainWatcher): () => void {
    watchPlain(watcher)
    return () => watchPlain(undefined)
  }

  dispose(): void {
    this.execution.dispose()
    bindBreaks(undefined)
    heedWith()
  }
}

/** The CPU that took this lock last. */
function holderOf({ trace }: Execution, lock: number): number {
  for (let e = trace.entries - 1; e >= 0; e--) {
    const kind = trace.kinds[e]
    if (trace.addresses[e] === lock && (kind === LOCK || kind === TRYLOCK))
      return trace.cpus[trace.steps[e] as number] as number
  }
  return -1
}
