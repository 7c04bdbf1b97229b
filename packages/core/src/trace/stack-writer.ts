/**
 * Traces that are call stacks with the virtual time spent in each: collapsed (one line a stack, as FlameGraph's tools read
 * it) and speedscope's JSON (a profile for each CPU).
 *
 * Waiting for a lock or a flush is a frame of its own. Kept as one tree for each CPU, which grows with the number of
 * different stacks and not with time; written at the end. Invariant: the weights of a CPU add up to the time from its
 * first call to its last return.
 */

import { LOCK_CLASS_KEYS } from '../machine/counters.ts'
import { VERSION } from '../lib/version.ts'
import { ByteSink, type WriteBytes } from './byte-sink.ts'
import type { TraceSubject, TraceWriter } from './trace-writer.ts'

interface StackNode {
  readonly frame: number
  readonly parent: StackNode | undefined
  readonly children: Map<number, StackNode>
  /** Nanoseconds with this as the innermost. */
  ns: number
}

/** A stack, outermost frame first, and its time. */
interface Stack {
  readonly frames: readonly number[]
  readonly ns: number
}

abstract class StackWriter implements TraceWriter {
  protected readonly sink: ByteSink
  protected readonly subject: TraceSubject
  protected readonly frames: string[] = []
  protected stacks = 0
  readonly #frameOf = new Map<string, number>()
  readonly #roots: StackNode[]
  readonly #innermost: StackNode[]
  readonly #since: Float64Array

  constructor(write: WriteBytes, subject: TraceSubject) {
    this.sink = new ByteSink(write)
    this.subject = subject
    this.#roots = Array.from({ length: subject.cpus }, () => node(-1, undefined))
    this.#innermost = [...this.#roots]
    this.#since = new Float64Array(subject.cpus)
  }

  get bytes(): number {
    return this.sink.bytes
  }

  get events(): number {
    return this.stacks
  }

  enter(cpu: number, ns: number, name: string): void {
    const caller = this.#settle(cpu, ns)
    const frame = this.#frame(name)
    let called = caller.children.get(frame)
    if (called === undefined) {
      called = node(frame, caller)
      caller.children.set(frame, called)
    }
    this.#innermost[cpu] = called
  }

  leave(cpu: number, ns: number): void {
    const { parent } = this.#settle(cpu, ns)
    this.#innermost[cpu] = parent ?? (this.#roots[cpu] as StackNode)
  }

  waitBegin(cpu: number, ns: number, _lock: number, lockClass: number): void {
    this.enter(cpu, ns, `[waits for ${LOCK_CLASS_KEYS[lockClass]} lock]`)
  }

  waitEnd(cpu: number, ns: number): void {
    this.leave(cpu, ns)
  }

  flushBegin(cpu: number, ns: number): void {
    this.enter(cpu, ns, '[waits for TLB flush]')
  }

  flushEnd(cpu: number, ns: number): void {
    this.leave(cpu, ns)
  }

  abstract close(): void

  holdBegin(): void {}
  holdEnd(): void {}
  unlock(): void {}
  batchFill(): void {}
  lruLength(): void {}
  freePages(): void {}
  switchProcess(): void {}
  settle(): void {}

  /** The stacks of a CPU that took time. */
  protected *stacksOf(cpu: number): Generator<Stack> {
    yield* stacksBelow(this.#roots[cpu] as StackNode, [])
  }

  #frame(name: string): number {
    const known = this.#frameOf.get(name)
    if (known !== undefined) return known
    this.#frameOf.set(name, this.frames.length)
    return this.frames.push(name) - 1
  }

  /** The time since the CPU's last event belongs to its innermost frame. */
  #settle(cpu: number, ns: number): StackNode {
    const innermost = this.#innermost[cpu] as StackNode
    if (innermost.parent !== undefined) innermost.ns += ns - (this.#since[cpu] as number)
    this.#since[cpu] = ns
    return innermost
  }
}

function node(frame: number, parent: StackNode | undefined): StackNode {
  return { frame, parent, children: new Map(), ns: 0 }
}

function* stacksBelow(above: StackNode, frames: readonly number[]): Generator<Stack> {
  if (above.ns > 0) yield { frames, ns: above.ns }
  for (const below of above.children.values()) yield* stacksBelow(below, [...frames, below.frame])
}

/** `a;b;c ns`, all CPUs together, in the order of the text. */
export class CollapsedWriter extends StackWriter {
  close(): void {
    const sums = new Map<string, number>()
    for (let cpu = 0; cpu < this.subject.cpus; cpu++) {
      for (const { frames, ns } of this.stacksOf(cpu)) {
        const text = frames.map((frame) => this.frames[frame]).join(';')
        sums.set(text, (sums.get(text) ?? 0) + ns)
      }
    }
    this.stacks = sums.size
    for (const [text, ns] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
      this.sink.text(`${text} ${ns}\n`)
    this.sink.flush()
  }
}

export class SpeedscopeWriter extends StackWriter {
  close(): void {
    const head = {
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      name: this.subject.title,
      exporter: `mmgather ${VERSION}`,
      shared: { frames: this.frames.map((name) => ({ name })) },
    }
    this.sink.text(`${JSON.stringify(head).slice(0, -1)},"profiles":[`)
    for (let cpu = 0; cpu < this.subject.cpus; cpu++) {
      const stacks = [...this.stacksOf(cpu)]
      this.stacks += stacks.length
      const profile = {
        type: 'sampled',
        name: `CPU ${cpu}`,
        unit: 'nanoseconds',
        startValue: 0,
        endValue: stacks.reduce((sum, { ns }) => sum + ns, 0),
        samples: stacks.map(({ frames }) => frames),
        weights: stacks.map(({ ns }) => ns),
      }
      this.sink.text(`${cpu === 0 ? '' : ','}\n${JSON.stringify(profile)}`)
    }
    this.sink.text(']}\n')
    this.sink.flush()
  }
}
