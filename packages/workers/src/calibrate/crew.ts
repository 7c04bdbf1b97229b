/**
 * The two measuring threads: brought up together, asked one thing at a time, gone at the end.
 *
 * Invariant: a question settles when it is answered, when its thread ends, or when the crew is dismissed; after
 * `dismiss` both threads have ended, whatever they were doing.
 */

import type { SharedMemory } from '@mmgather/core'
import { Worker } from 'node:worker_threads'

import { pinThread } from '../pin.ts'
import { resetMeeting } from './measure.ts'
import type { Answer, CalibrateThreadData, DuoKind, Hello, Request, SoloKind } from './requests.ts'

/** A measuring thread ended, or was dismissed, before it had answered. */
export class ThreadLostError extends Error {
  override readonly name = 'ThreadLostError'
}

type Ask = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

class MeasuringThread {
  /** Its id in the operating system, 0 if unknown. */
  readonly up: Promise<number>
  private readonly worker: Worker
  private readonly exited: Promise<void>
  private readonly waiting = new Map<number, (answer: readonly number[]) => void>()
  private readonly failing = new Set<(error: Error) => void>()
  private lost: Error | undefined
  private nextId = 1

  constructor(memory: SharedMemory) {
    const entry = new URL(import.meta.resolve('@mmgather/workers/calibrate-worker'))
    this.worker = new Worker(entry, {
      name: 'mmgather calibrate',
      workerData: { memory } satisfies CalibrateThreadData,
    })
    this.worker.on('error', (error) => this.lose(error))
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', () => {
        this.lose(new ThreadLostError('a measuring thread ended'))
        resolve()
      })
    })
    this.up = this.promise<number>((resolve) => {
      this.worker.once('message', ({ threadId }: Hello) => {
        this.worker.on('message', ({ id, ns }: Answer) => {
          this.waiting.get(id)?.(ns)
          this.waiting.delete(id)
        })
        resolve(threadId)
      })
    })
    // Whoever asks first sees the failure; nobody may ask.
    this.up.catch(() => undefined)
  }

  ask(question: Ask): Promise<readonly number[]> {
    const id = this.nextId++
    return this.promise((resolve) => {
      this.waiting.set(id, resolve)
      this.worker.postMessage({ ...question, id } satisfies Request, [])
    })
  }

  async end(): Promise<void> {
    this.lose(new ThreadLostError('the measurement was stopped'))
    await this.worker.terminate()
    await this.exited
  }

  /** A promise that rejects if the thread is lost before it resolves. */
  private promise<T>(start: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.lost !== undefined) {
        reject(this.lost)
        return
      }
      this.failing.add(reject)
      start((value) => {
        this.failing.delete(reject)
        resolve(value)
      })
    })
  }

  private lose(error: Error): void {
    if (this.lost !== undefined) return
    this.lost = error
    for (const fail of this.failing) fail(error)
    this.failing.clear()
  }
}

export class Crew {
  private readonly memory: SharedMemory
  private readonly threads: readonly [MeasuringThread, MeasuringThread]

  constructor(memory: SharedMemory) {
    this.memory = memory
    this.threads = [new MeasuringThread(memory), new MeasuringThread(memory)]
  }

  /** Puts the first thread on one core and the second on another; why not, or undefined. */
  async pin(cores: readonly [number, number]): Promise<string | undefined> {
    const [first, second] = this.threads
    const failures = await Promise.all([
      pinThread(await first.up, cores[0]),
      pinThread(await second.up, cores[1]),
    ])
    return failures.find((failure) => failure !== undefined)
  }

  /** On the first thread. */
  alone(kind: SoloKind, samples: number): Promise<readonly number[]> {
    return this.threads[0].ask({ kind, samples })
  }

  /** On both. */
  async together(kind: DuoKind, samples: number): Promise<readonly number[]> {
    resetMeeting(this.memory)
    const [first] = await Promise.all([
      this.threads[0].ask({ kind, samples, me: 0 }),
      this.threads[1].ask({ kind, samples, me: 1 }),
    ])
    return first
  }

  /** Ends both threads at once; never rejects. */
  async dismiss(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.end()))
  }
}
