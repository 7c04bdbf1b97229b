/**
 * The main thread's end of one CPU thread: calls over comlink that settle even if the thread dies.
 *
 * comlink never rejects a call whose thread is gone, so every call ends with whatever comes first: the answer, or the
 * thread's error, exit or unreadable message. Invariant: after `close` the thread has ended.
 */

import { type Remote, wrap } from 'comlink'
import { MessageChannel, Worker } from 'node:worker_threads'

import type { CpuApi, CpuOutcome, CpuThreadData, UserCpuThreadData } from './cpu-api.ts'

/** A CPU thread needs little heap: state lies in the shared buffer. One that needs more is broken, and dies alone. */
const HEAP_MB = 128
/** How long a thread may take to end by itself before it is stopped. */
const GRACE_MS = 300

/** A CPU thread is gone, or never came up. */
export class CpuDiedError extends Error {
  readonly cpu: number

  constructor(cpu: number, why: string) {
    super(why)
    this.name = 'CpuDiedError'
    this.cpu = cpu
  }
}

export class CpuLink {
  readonly cpu: number
  /** Why the thread is gone; undefined while it lives. */
  died: CpuDiedError | undefined
  private readonly worker: Worker
  private readonly api: Remote<CpuApi>
  private readonly closePort: () => void
  private readonly exited: Promise<void>
  private readonly pending = new Set<(error: CpuDiedError) => void>()

  /** Starts the thread of `data.cpu` from the module at `entry`. */
  constructor(entry: URL, data: Omit<CpuThreadData | UserCpuThreadData, 'control'>) {
    const { port1, port2 } = new MessageChannel()
    this.cpu = data.cpu
    this.worker = new Worker(entry, {
      name: `mmgather CPU ${data.cpu}`,
      workerData: { ...data, control: port2 } satisfies CpuThreadData,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    })
    this.api = wrap<CpuApi>(port1)
    this.closePort = () => port1.close()
    port1.on('messageerror', (error) => this.lose(`unreadable message: ${error.message}`))
    this.worker.on('error', (error) => this.lose(threadError(error)))
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        this.lose(`its thread ended with exit code ${code}`)
        port1.close()
        resolve()
      })
    })
  }

  /** The thread's id in the operating system once it is up, 0 if unknown. Rejects with CpuDiedError. */
  up(): Promise<number> {
    return this.call(this.api.up())
  }

  /** One run. Rejects with CpuDiedError. */
  run(): Promise<CpuOutcome> {
    return this.call<CpuOutcome>(this.api.run())
  }

  /** Ends the thread: lets it end by itself, or stops it at once. Resolves when it is gone; never rejects. */
  async close(force: boolean): Promise<void> {
    this.closePort()
    if (!force) {
      const timer = new Promise<'late'>((resolve) => {
        const handle = setTimeout(() => resolve('late'), GRACE_MS)
        void this.exited.then(() => clearTimeout(handle))
      })
      if ((await Promise.race([this.exited, timer])) !== 'late') return
    }
    await this.worker.terminate()
    await this.exited
  }

  private call<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.died !== undefined) {
        reject(this.died)
        return
      }
      this.pending.add(reject)
      const settle = (): boolean => this.pending.delete(reject)
      answer.then(
        (value) => settle() && resolve(value),
        (error: unknown) => settle() && reject(new CpuDiedError(this.cpu, String(error))),
      )
    })
  }

  private lose(why: string): void {
    if (this.died !== undefined) return
    this.died = new CpuDiedError(this.cpu, why)
    for (const reject of this.pending) reject(this.died)
    this.pending.clear()
  }
}

function threadError(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return `out of memory (${code})`
  return `${error.name}: ${error.message}`
}
