/**
 * The file of `--trace`: which flags go with it, where the thread of the run writes, and what is said of it at the end.
 *
 * Invariant: a trace that is not whole says so, with its reason and the way out; the figures of the run are not lost by it.
 */
import type { TraceFormat } from '@mmgather/core'
import type { TraceFile, TraceResult } from '@mmgather/workers'
import { UsageError } from '../errors.ts'
import type { OutputFile } from '../io/output-file.ts'
import { systemErrorWords } from '../io/system-error.ts'
import { attempted, tell } from './outputs.ts'

/** What core takes without a limit. */
const TRACE_LIMIT_MIB = 256
const BYTES_PER_MIB = 2 ** 20
const NS_PER_MS = 1_000_000

interface TraceFlags {
  trace?: string | undefined
  traceFormat?: TraceFormat | undefined
  traceLimit?: number | undefined
  quiet?: true | undefined
}

/** Throws UsageError for flags that would do nothing, and for more than one run. */
export function checkTraceFlags(
  { trace, traceFormat, traceLimit }: TraceFlags,
  runs: number,
): void {
  if (trace === undefined) {
    const field = traceFormat === undefined ? '--trace-limit' : '--trace-format'
    if (traceFormat === undefined && traceLimit === undefined) return
    throw new UsageError({
      field,
      problem: 'says how a trace is written',
      hint: 'add --trace FILE',
    })
  }
  if (runs === 1) return
  throw new UsageError({
    field: '--trace',
    problem: 'writes the trace of one run',
    value: `${runs} runs`,
    hint: 'leave --runs out, and choose the run by --seed',
  })
}

/** The emptied file, for the thread that runs. */
export function traceFileOf({ traceFormat, traceLimit }: TraceFlags, file: OutputFile): TraceFile {
  return {
    fd: file.start(),
    format: traceFormat ?? 'perfetto',
    ...(traceLimit !== undefined && { bytesMax: traceLimit * BYTES_PER_MIB }),
  }
}

/** Closes the file and says what is in it. @param trace - undefined: the run was ended before it was complete. */
export async function endTrace(
  file: OutputFile,
  trace: TraceResult | undefined,
  flags: TraceFlags,
): Promise<void> {
  if (trace === undefined) {
    file.discard()
    return tell('no trace: the run was stopped before it had one')
  }
  const isWritten = await attempted(() => {
    if (trace.errorCode === undefined) return file.finish()
    file.discard()
    throw notWritten(flags, trace.errorCode)
  })
  if (!isWritten) return
  const limit = `--trace-limit ${flags.traceLimit ?? TRACE_LIMIT_MIB}`
  if (trace.thinnedFromNs !== undefined)
    tell(
      `warning: trace: to stay within ${limit}, functions, holds and counters are left out of more and more stretches ` +
        `of 10 µs from ${ms(trace.thinnedFromNs)} of virtual time on (at the end 1 of up to ${trace.every} has them)`,
    )
  if (trace.endedAtNs !== undefined)
    tell(
      `warning: trace: it ends at ${ms(trace.endedAtNs)} of virtual time, at ${limit}; allow it more`,
    )
  if (flags.quiet === true) return
  const size = (trace.bytes / BYTES_PER_MIB).toFixed(1)
  const what = flags.traceFormat === 'collapsed' || flags.traceFormat === 'speedscope'
  const number = trace.events.toLocaleString('en')
  tell(`trace written to ${flags.trace} (${number} ${what ? 'stacks' : 'events'}, ${size} MiB)`)
}

function notWritten({ trace }: TraceFlags, errorCode: string): UsageError {
  const error = Object.assign(new Error(errorCode), { code: errorCode, syscall: 'write' })
  return new UsageError({
    field: `--trace ${trace}`,
    problem: systemErrorWords(error) ?? errorCode,
    hint: 'the run itself is not affected; use another place, or a smaller --trace-limit',
  })
}

function ms(ns: number): string {
  return `${(ns / NS_PER_MS).toFixed(3)} ms`
}
