/**
 * What the thread of the virtual engine does: runs, with a stop word for a signal, and tells which run it is at.
 */

import { attachMachine, runVirtual, type Timeline, type TraceOptions } from '@mmgather/core'

import { TraceStream } from './trace-stream.ts'
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
  const file = traceFile && new TraceStream(traceFile.fd)
  let trace: TraceResult | undefined
  let begun = 0
  let timeline: Timeline | undefined
  try {
    const report = runVirtual(scenario, {
      ...options,
      ...(strategy && { strategy }),
      ...(kernel && { kernel }),
      ...(file && {
        trace: traceOptions(traceFile, file),
        onTraced: (summary) => (trace = { ...summary, ...file.failure }),
      }),
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
    post({ kind: 'report', report, hostMs, ...(trace && { trace }), ...(timeline && { timeline }) })
  } catch (error) {
    post({ kind: 'threw', error: thrownError(error) })
  }
}

function traceOptions({ format, bytesMax }: TraceFile, { write }: TraceStream): TraceOptions {
  return { format, write, ...(bytesMax !== undefined && { bytesMax }) }
}
