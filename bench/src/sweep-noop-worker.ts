/** A thread of a sweep's pool that does nothing for each point. */
import type { SweepAnswer } from '@mmgather/workers'

const NOTHING: SweepAnswer = { text: '{"result":{}}' }

export function runPoint(): SweepAnswer {
  return NOTHING
}
