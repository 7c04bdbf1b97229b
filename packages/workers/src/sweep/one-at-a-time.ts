/**
 * Runs the tasks that a thread is given one after the other, so that the result of one is on its way before the next one
 * begins.
 *
 * A thread is given the next task while it runs one, or it would wait for it: handing over takes as long as a small
 * point. Without a turn of the event loop in between, results would be kept back until no task is left.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A function that does as `run`, but never begins before the last call has ended. */
export function oneAtATime<Task, Answer>(
  run: (task: Task) => Promise<Answer>,
): (task: Task) => Promise<Answer> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const answer = last.then(() => nextTurn()).then(() => run(task))
    last = answer.catch(() => undefined)
    return answer
  }
}
