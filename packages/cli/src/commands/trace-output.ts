/**
 * The file of `--trace`: which flags go with it, where the thread of the run writes, and what is said of it at the end.
 *
 * Invariant: a trace that is not whole says so, with its reason and the way out; the figures of the run are not lost by it.
 */
import type { SampledTraceFormat, TraceFormat } from '@mmgather/core'
import type {
  SampledTraceFile,
  SampledTraceResult,
  TraceFile,
  TraceResult,
} from '@mmgather/workers'
import { UsageError } from '../errors.ts'
import type { OutputFile } from '../io/output-file.ts'
import { systemErrorWords } from '../io/system-error.ts'
import type { EngineName } from './engine-options.ts'
import { countText, timeText } from '../report/units.ts'
import { attempted, tell } from './outputs.ts'

/** What core takes without a limit. */
const TRACE_LIMIT_MIB = 256
const BYTES_PER_MIB = 2 ** 20
const NS_PER_MS = 1_000_000

interface TraceFlags {
  trace?: string | undefined
  traceFormat?: TraceFormat | undefined
  traceLimit?: number | undefined
  sampleUs?: number | undefined
  quiet?: true | undefined
}

/** Formats that samples of a live run can fill. */
const SAMPLED_FORMATS = ['perfetto', 'ftrace'] as const satisfies readonly SampledTraceFormat[]

/** Throws UsageError for flags that would do nothing, for more than one run, and for a format that the engine cannot fill. */
export function checkTraceFlags(
  { trace, traceFormat, traceLimit, sampleUs }: TraceFlags,
  engine: EngineName,
  runs: number,
): void {
  if (trace === undefined) {
    const given = {
      '--trace-format': traceFormat,
      '--trace-limit': traceLimit,
      '--sample-us': sampleUs,
    }
    for (const [field, value] of Object.entries(given)) {
      if (value === undefined) continue
      throw new UsageError({
        field,
        problem: 'says how a trace is written',
        hint: 'add --trace FILE',
      })
    }
    return
  }
  if (runs !== 1)
    throw new UsageError({
      field: '--trace',
      problem: 'writes the trace of one run',
      value: `${runs} runs`,
      hint:
        engine === 'live'
          ? 'leave --runs out (--warmup runs before it are allowed)'
          : 'leave --runs out, and choose the run by --seed',
    })
  if (engine === 'live') sampledFormat(traceFormat)
}

/** The format of a live run's trace. Throws UsageError for one that only virtual time can fill. */
function sampledFormat(format: TraceFormat = 'perfetto'): SampledTraceFormat {
  const known = SAMPLED_FORMATS.find((one) => one === format)
  if (known !== undefined) return known
  throw new UsageError({
    field: '--trace-format',
    problem: 'needs the time of every call, and a live run is only sampled',
    value: format,
    allowed: `${SAMPLED_FORMATS.join(' or ')} with --engine live`,
    hint: `for ${format}, use --engine virtual`,
  })
}

/** The emptied file, for the thread of the virtual engine. */
export function traceFileOf({ traceFormat, traceLimit }: TraceFlags, file: OutputFile): TraceFile {
  return { fd: file.start(), format: traceFormat ?? 'perfetto', ...bytesMaxOf(traceLimit) }
}

/** The emptied file, for the thread that samples a live run. */
export function sampledFileOf(flags: TraceFlags, file: OutputFile): SampledTraceFile {
  const { traceFormat, traceLimit, sampleUs } = flags
  return {
    format: sampledFormat(traceFormat),
    fd: file.start(),
    ...bytesMaxOf(traceLimit),
    ...(sampleUs !== undefined && { periodUs: sampleUs }),
  }
}

function bytesMaxOf(mib: number | undefined): { bytesMax?: number } {
  return mib === undefined ? {} : { bytesMax: mib * BYTES_PER_MIB }
}

/** What became of a trace; an error: it is lost, and why; undefined: the run was stopped before it had one. */
export type EndedTrace = TraceResult | SampledTraceResult | Error | undefined

/** Closes the file and says what is in it. */
export async function endTrace(
  file: OutputFile,
  trace: EndedTrace,
  flags: TraceFlags,
): Promise<void> {
  if (trace === undefined) {
    file.discard()
    return tell('no trace: the run was stopped before it had one')
  }
  if (trace instanceof Error) {
    file.discard()
    await attempted(() => {
      throw trace
    })
    return
  }
  const isWritten = await attempted(() => {
    if (trace.errorCode === undefined) return file.finish()
    file.discard()
    throw notWritten(flags, trace.errorCode)
  })
  if (!isWritten) return
  const limit = `--trace-limit ${flags.traceLimit ?? TRACE_LIMIT_MIB}`
  const isSampled = 'samples' in trace
  for (const warning of isSampled ? rarerWarnings(trace, limit) : thinnedWarnings(trace, limit))
    tell(`warning: trace: ${warning}`)
  if (flags.quiet === true) return
  const size = (trace.bytes / BYTES_PER_MIB).toFixed(1)
  const what = flags.traceFormat === 'collapsed' || flags.traceFormat === 'speedscope'
  const number = countText(trace.events)
  tell(`trace written to ${flags.trace} (${number} ${what ? 'stacks' : 'events'}, ${size} MiB)`)
  if (isSampled) tell(`the trace is sampled: ${samplingWords(trace)}`)
}

/** What is not there of a trace in virtual time. */
function thinnedWarnings(
  { thinnedFromNs, endedAtNs, every }: TraceResult,
  limit: string,
): string[] {
  const warnings: string[] = []
  if (thinnedFromNs !== undefined)
    warnings.push(
      `to stay within ${limit}, functions, holds and counters are left out of more and more stretches ` +
        `of 10 µs from ${ms(thinnedFromNs)} of virtual time on (at the end 1 of up to ${every} has them)`,
    )
  if (endedAtNs !== undefined)
    warnings.push(`it ends at ${ms(endedAtNs)} of virtual time, at ${limit}; allow it more`)
  return warnings
}

/** What is not there of a live run's. */
function rarerWarnings(
  { thinnedFromNs, endedAtNs, periodNsEnd }: SampledTraceResult,
  limit: string,
): string[] {
  const warnings: string[] = []
  if (thinnedFromNs !== undefined)
    warnings.push(
      `to stay within ${limit}, samples are rarer from ${ms(thinnedFromNs)} on (at the end one in ${timeText(periodNsEnd)})`,
    )
  if (endedAtNs !== undefined)
    warnings.push(
      `from ${ms(endedAtNs)} on only the last sample is there, at ${limit}; allow it more`,
    )
  return warnings
}

function samplingWords(trace: SampledTraceResult): string {
  const { samples, missed, periodNsAsked, periodNsAchieved, gapNsMax } = trace
  return (
    `one sample in ${timeText(periodNsAsked)} was asked for, one in ${timeText(periodNsAchieved)} taken ` +
    `(${countText(samples)}, ${countText(missed)} missed, longest gap ${timeText(gapNsMax)})`
  )
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
