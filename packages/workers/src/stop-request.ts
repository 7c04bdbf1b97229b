/**
 * The ways in which a session of runs is told to stop, as one signal: the caller's signal, the time limit, and an
 * error of the caller's callback.
 */

export class StopRequest {
  timedOut = false
  private readonly controller = new AbortController()
  private readonly timer: NodeJS.Timeout | undefined
  private readonly outer: AbortSignal | undefined
  private readonly onOuter = (): void => this.controller.abort()
  private error: { value: unknown } | undefined

  constructor(options: { signal?: AbortSignal; timeoutMs?: number }) {
    this.outer = options.signal
    if (this.outer?.aborted === true) this.controller.abort()
    this.outer?.addEventListener('abort', this.onOuter, { once: true })
    if (options.timeoutMs === undefined) return
    this.timer = setTimeout(() => {
      this.timedOut = true
      this.controller.abort()
    }, options.timeoutMs)
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** Stops because a callback threw. */
  because(error: unknown): void {
    this.error ??= { value: error }
    this.controller.abort()
  }

  /** Throws what the callback threw, if it did. */
  rethrow(): void {
    if (this.error !== undefined) throw this.error.value
  }

  /** Lets go of the timer and of the caller's signal. */
  dispose(): void {
    clearTimeout(this.timer)
    this.outer?.removeEventListener('abort', this.onOuter)
  }
}
