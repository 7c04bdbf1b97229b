/**
 * One thread of a check, from the main thread: asked one thing after the other, and told of parts that it gives away meanwhile.
 *
 * Invariant: a thread has one check and one request at a time; once lost, every request rejects.
 */

import type { CheckKernel, CheckPlan, CheckReport, CheckTask, PartResult } from '@mmgather/core'
import { Worker } from 'node:worker_threads'

import { revivedError, VirtualThreadError } from '../virtual-errors.ts'
import {
  CHECK_STOP_PART,
  type CheckAnswer,
  type CheckRequest,
  type CheckThreadData,
} from './check-api.ts'
import type { CheckPart } from './check-parts-queue.ts'

/** What exploring a part needs besides. */
interface ExploreRequest {
  marks: Uint8Array | undefined
  executionsMax?: number
  onGiven: (tasks: readonly CheckTask[]) => void
}

/** A thread that takes part in one check after the other. */
export class CheckThread {
  readonly #worker: Worker
  readonly #exited: Promise<void>
  readonly #number: number
  /** Of the check. */
  #words: Int32Array = new Int32Array()
  #lost: Error | undefined
  #settle: { resolve: (answer: CheckAnswer) => void; reject: (error: Error) => void } | undefined
  /** What it explores. */
  #part: CheckPart | undefined
  #onGiven: ((tasks: readonly CheckTask[]) => void) | undefined

  constructor(number: number) {
    this.#number = number
    this.#worker = new Worker(new URL(import.meta.resolve('@mmgather/workers/check-worker')), {
      name: 'mmgather check',
    })
    this.#worker.on('message', (answer: CheckAnswer) => {
      if (answer.kind === 'gave') this.#onGiven?.(answer.tasks)
      else this.#settle?.resolve(answer)
    })
    this.#worker.on('error', (error) => this.#lose(String(error)))
    this.#exited = new Promise((exited) => {
      this.#worker.on('exit', (code) => {
        this.#lose(`it ended with exit code ${code}`)
        exited()
      })
    })
  }

  /** Takes part in another check from here on. */
  open(data: Omit<CheckThreadData, 'thread'>): void {
    this.#words = data.words
    this.#post({ kind: 'open', data: { ...data, thread: this.#number } })
  }

  /** The compiled text of the check's strategy has come. */
  useKernel(kernel: CheckKernel): void {
    this.#post({ kind: 'kernel', kernel })
  }

  async plan(wanted: number, marks?: Uint8Array): Promise<CheckPlan> {
    const answer = await this.#ask({ kind: 'plan', wanted, marks })
    if (answer.kind !== 'plan') throw lost(`it answered ${answer.kind}`)
    return answer.plan
  }

  /** Explores a part; `onGiven` is told of parts of it that it leaves to others. */
  async explore(
    part: CheckPart,
    { marks, executionsMax, onGiven }: ExploreRequest,
  ): Promise<PartResult> {
    Atomics.store(this.#words, CHECK_STOP_PART + this.#number, 0)
    this.#part = part
    this.#onGiven = onGiven
    const answer = await this.#ask({ kind: 'explore', task: part.task, marks, executionsMax })
    this.#part = undefined
    if (answer.kind !== 'explored') throw lost(`it answered ${answer.kind}`)
    return answer.result
  }

  /** Stops exploring what is not needed. */
  stopUnless(isNeeded: (part: CheckPart) => boolean): void {
    if (this.#part !== undefined && !isNeeded(this.#part))
      Atomics.store(this.#words, CHECK_STOP_PART + this.#number, 1)
  }

  async report(part: PartResult['part'], outcomes: number): Promise<CheckReport> {
    const answer = await this.#ask({ kind: 'report', part, outcomes })
    if (answer.kind !== 'report') throw lost(`it answered ${answer.kind}`)
    return answer.report
  }

  async #ask(request: CheckRequest): Promise<CheckAnswer> {
    if (this.#lost !== undefined) throw this.#lost
    const { promise, resolve, reject } = Promise.withResolvers<CheckAnswer>()
    this.#settle = { resolve, reject }
    this.#post(request)
    const answer = await promise
    this.#settle = undefined
    if (answer.kind === 'threw') throw revivedError(answer.error)
    return answer
  }

  #post(request: CheckRequest): void {
    this.#worker.postMessage(request, [])
  }

  #lose(why: string): void {
    this.#lost ??= new VirtualThreadError(why)
    this.#settle?.reject(this.#lost)
  }

  /** Resolves when the thread is gone; never rejects. */
  async end(): Promise<void> {
    await this.#worker.terminate()
    await this.#exited
  }
}

function lost(why: string): VirtualThreadError {
  return new VirtualThreadError(why)
}
