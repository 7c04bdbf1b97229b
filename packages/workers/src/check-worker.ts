/**
 * Entry of a thread of a check, found by `import.meta.resolve('@mmgather/workers/check-worker')`.
 *
 * Stays plain modules when it is built, for a user's strategy imports the very modules that the thread runs. Answers one request
 * after the other; ends when it is ended.
 */

import { CheckSession, resolveCheckOptions } from '@mmgather/core'
import { parentPort, workerData } from 'node:worker_threads'

import {
  CHECK_PARTS_END,
  CHECK_STOP,
  type CheckAnswer,
  type CheckRequest,
  type CheckThreadData,
} from './check-api.ts'
import { importRawStrategy } from './strategy-file/strategy-file.ts'
import { thrownError } from './virtual-errors.ts'

const { scenario, options, words, userStrategy } = workerData as CheckThreadData

/** The part that is being explored. */
let current = 0
let session: CheckSession | undefined

async function openSession(): Promise<CheckSession> {
  const strategy = userStrategy && (await importRawStrategy(userStrategy))
  const signal = {
    get aborted(): boolean {
      return (
        Atomics.load(words, CHECK_STOP) !== 0 || current >= Atomics.load(words, CHECK_PARTS_END)
      )
    },
  }
  const clockMs = (): number => performance.now()
  return new CheckSession(
    scenario,
    resolveCheckOptions({ ...options, signal, clockMs, ...(strategy && { strategy }) }),
  )
}

function answer(request: CheckRequest, check: CheckSession): CheckAnswer {
  if (request.kind === 'plan') {
    current = 0
    return { kind: 'plan', plan: check.plan(request.wanted, request.marks) }
  }
  if (request.kind === 'report')
    return { kind: 'report', report: check.report(request.part, request.outcomes) }
  current = request.part
  const result = check.explore(request.task, request.marks)
  return { kind: 'explored', part: request.part, result }
}

async function serve(request: CheckRequest): Promise<void> {
  let said: CheckAnswer
  try {
    session ??= await openSession()
    said = answer(request, session)
  } catch (error) {
    said = { kind: 'threw', error: thrownError(error) }
  }
  parentPort?.postMessage(said, [])
}

parentPort?.on('message', (request: CheckRequest) => void serve(request))
