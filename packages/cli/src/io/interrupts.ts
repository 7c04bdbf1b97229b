/**
 * Ctrl-C and SIGTERM: the first asks the run to stop and keep what it has, one that comes at least a second later ends
 * the process at once.
 *
 * Signals less than a second apart are one: the terminal and the processes above us may each send it.
 */
import process from 'node:process'
import { EXIT_INTERRUPTED } from '../exit-code.ts'

const SAME_MS = 1000
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export interface Interrupts {
  readonly signal: AbortSignal
  /** Signals have their default effect again. */
  stop(): void
}

export function catchInterrupts(): Interrupts {
  const controller = new AbortController()
  let firstAt = 0
  const onSignal = (): void => {
    const now = performance.now()
    if (!controller.signal.aborted) {
      firstAt = now
      controller.abort()
      process.stderr.write('stopping; again to stop at once, without a report\n')
    } else if (now - firstAt >= SAME_MS) process.exit(EXIT_INTERRUPTED)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {
    signal: controller.signal,
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
}
