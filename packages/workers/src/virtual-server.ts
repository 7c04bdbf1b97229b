/**
 * What the thread of the virtual engine does: runs, with a stop word for a signal, and tells which run it is at.
 */

import { writeSync } from 'node:fs'

import {
  attachMachine,
  runVirtual,
  type Timeline,
  type TraceOptions,
  type TraceSummary,
} from '@mmgather/core'

import type { DerivedStrategy } from './strategy-file/strategy-file.ts'
import {
  type TraceFile,
  type TraceResult,
  VIRTUAL_MAPPED_PAGES,
  VIRTUAL_RUNS_BEGUN,
  VIRTUAL_STOP,
  type VirtualMessage,
  type VirtualThreadData,
} from './virtual-api.ts'
import { thrownError } from './virtual-errors.ts'

/**
 * Posts the report, or an error.
 * @param strategy - one that does not ship, in place of the scenario's.
 */
export function serveVirtual(
  {
    scenario,
    memory,
    options,
    words,
    kernel,
    traceFile,
    timeline: wantsTimeline,
  }: VirtualThreadData,
  post: (message: VirtualMessage) => void,
  strategy?: DerivedStrategy,
): void {
  const signal = {
    get aborted(): boolean {
      return Atomics.load(words, VIRTUAL_STOP) !== 0
    },
  }
  const hostMs: number[] = []
  const file = traceFile && new TraceStream(traceFile)
  let begun = 0
  let timeline: Timeline | undefined
  try {
    const report = runVirtual(scenario, {
      ...options,
      ...(strategy && { strategy }),
      ...(kernel && { kernel }),
      ...(file && { trace: file.options, onTraced: (summary) => file.ended(summary) }),
      ...(wantsTimeline === true && { onTimeline: (made) => (timeline = made) }),
      machine: attachMachine(memory),
      signal,
      onPopulated: (_machine, { mappedPages }, run) => {
        Atomics.store(words, VIRTUAL_MAPPED_PAGES, mappedPages)
        Atomics.store(words, VIRTUAL_RUNS_BEGUN, run + 1)
        begun = performance.now()
      },
      onSimulated: () => {
        hostMs.push(performance.now() - begun)
      },
    })
    const trace = file?.result
    post({ kind: 'report', report, hostMs, ...(trace && { trace }), ...(timeline && { timeline }) })
  } catch (error) {
    post({ kind: 'threw', error: thrownError(error) })
  }
}

/** Writes a trace to its file; once that fails, the run goes on without. */
class TraceStream {
  readonly options: TraceOptions
  result: TraceResult | undefined
  #errorCode: string | undefined

  constructor({ fd, format, bytesMax }: TraceFile) {
    this.options = {
      format,
      write: (bytes) => this.#write(fd, bytes),
      ...(bytesMax !== undefined && { bytesMax }),
    }
  }

  ended(summary: TraceSummary): void {
    this.result = {
      ...summary,
      ...(this.#errorCode !== undefined && { errorCode: this.#errorCode }),
    }
  }

  #write(fd: number, bytes: Uint8Array): void {
    if (this.#errorCode !== undefined) return
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    } catch (error) {
      this.#errorCode = (error as NodeJS.ErrnoException).code ?? 'EIO'
    }
  }
}
