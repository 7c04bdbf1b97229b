/**
 * Entry of a thread of a check, found by `import.meta.resolve('@mmgather/workers/check-worker')`.
 *
 * Imports core when it is built, for a user's strategy imports the very modules that the thread runs. Answers one request after
 * the other, of one check after the other; ends when it is ended. Invariant: what a check comes to does not depend on those
 * before it.
 */

import {
  type CheckKernel,
  CheckSession,
  type PartSharing,
  resolveCheckOptions,
} from '@mmgather/core'
import { parentPort, receiveMessageOnPort } from 'node:worker_threads'

import {
  CHECK_EXECUTIONS,
  CHECK_STOP,
  CHECK_STOP_PART,
  type CheckAnswer,
  type CheckRequest,
  type CheckThreadData,
} from './check-api.ts'
import { importRawStrategy } from '../strategy-file/strategy-file.ts'
import { thrownError } from '../virtual-errors.ts'

let data: CheckThreadData | undefined
let session: CheckSession | undefined

function open(next: CheckThreadData): void {
  session?.dispose()
  session = undefined
  data = next
}

async function openSession(): Promise<CheckSession> {
  const { scenario, options, words, thread, userStrategy, userKernel } = opened()
  const strategy = userStrategy && (await importRawStrategy(userStrategy))
  const signal = {
    // asked now and then while a part is explored
    get aborted(): boolean {
      takeKernel()
      return (
        Atomics.load(words, CHECK_STOP) !== 0 || Atomics.load(words, CHECK_STOP_PART + thread) !== 0
      )
    },
  }
  const clockMs = (): number => performance.now()
  const opening = new CheckSession(
    scenario,
    resolveCheckOptions({ ...options, signal, clockMs, ...(strategy && { strategy }) }),
  )
  if (userKernel !== undefined) opening.useKernel(userKernel)
  return opening
}

/** Compiled text that has come while this thread was at work. */
function takeKernel(): void {
  const told = parentPort && receiveMessageOnPort(parentPort)
  if (told) void serve(told.message as CheckRequest)
}

function useKernel(kernel: CheckKernel): void {
  // a session that is not open yet
  if (session === undefined) data = { ...opened(), userKernel: kernel }
  else session.useKernel(kernel)
}

function opened(): CheckThreadData {
  if (data === undefined) throw new Error('a request before the first check')
  return data
}

/** A tenth of a second and more: what is given away is worth the way to another thread. */
const GIVES_EVERY = 1024

function sharingOf(executionsMax: number): PartSharing {
  const { words } = opened()
  return {
    every: GIVES_EVERY,
    give: (roots) => {
      if (roots.length > 0) say({ kind: 'gave', tasks: roots.map((root) => ({ root })) })
    },
    spend: () => Atomics.add(words, CHECK_EXECUTIONS, 1) + 1 >= executionsMax,
  }
}

function say(said: CheckAnswer): void {
  parentPort?.postMessage(said, [])
}

type Question = Exclude<CheckRequest, { kind: 'open' | 'kernel' }>

function answer(request: Question, check: CheckSession): CheckAnswer {
  if (request.kind === 'plan')
    return { kind: 'plan', plan: check.plan(request.wanted, request.marks) }
  if (request.kind === 'report')
    return { kind: 'report', report: check.report(request.part, request.outcomes) }
  const { task, marks, executionsMax } = request
  const sharing = executionsMax === undefined ? undefined : sharingOf(executionsMax)
  return { kind: 'explored', result: check.explore(task, marks, sharing) }
}

async function serve(request: CheckRequest): Promise<void> {
  if (request.kind === 'open') return open(request.data)
  if (request.kind === 'kernel') return useKernel(request.kernel)
  let said: CheckAnswer
  try {
    session ??= await openSession()
    said = answer(request, session)
  } catch (error) {
    said = { kind: 'threw', error: thrownError(error) }
  }
  say(said)
}

parentPort?.on('message', (request: CheckRequest) => void serve(request))
