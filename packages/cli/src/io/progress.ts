/**
 * A progress bar on stderr: only on a terminal, and only for what takes longer than a second.
 */
import process from 'node:process'
import type { SingleBar } from 'cli-progress'

const SHOW_AFTER_MS = 1000
const BAR = 40
const NARROW = 80

export interface Progress {
  /** `fraction` is done, 0 to 1; `what` is being done, in a few words. */
  update(fraction: number, what: string): void
  /** Takes the bar away. */
  stop(): void
}

/** Where a bar can be drawn. */
export type ProgressStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number }

export function startProgress(
  isWanted: boolean,
  stream: ProgressStream = process.stderr,
): Progress {
  if (!isWanted || stream.isTTY !== true) {
    return { update: () => undefined, stop: () => undefined }
  }
  let last = { fraction: 0, what: '' }
  let bar: SingleBar | undefined
  let isStopped = false
  const show = async (): Promise<void> => {
    const created = await createBar(stream)
    if (isStopped) return
    bar = created
    bar.start(1, last.fraction, { what: last.what })
  }
  const timer = setTimeout(() => void show(), SHOW_AFTER_MS)
  return {
    update: (fraction, what) => {
      last = { fraction, what }
      bar?.update(fraction, { what })
    },
    stop: () => {
      isStopped = true
      clearTimeout(timer)
      bar?.stop()
    },
  }
}

async function createBar(stream: ProgressStream): Promise<SingleBar> {
  const { default: progress } = await import('cli-progress')
  // A terminal may say that it has no columns at all.
  const columns = stream.columns || NARROW
  return new progress.SingleBar({
    format: '[{bar}] {percentage}% {what}',
    barsize: Math.max(10, Math.min(BAR, columns - NARROW + BAR)),
    clearOnComplete: true,
    stream,
    fps: 5,
  })
}
