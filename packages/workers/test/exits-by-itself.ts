/**
 * A process of its own for stop.test.ts: after these runs nothing may keep it from ending.
 */
import { runLive } from '../src/index.ts'
import { runLiveWith } from '../src/run-live.ts'
import { separate } from './support.ts'

const finished = await runLive(separate(2, 100))
const interrupted = await runLive(separate(2, 100), { signal: AbortSignal.abort() })
process.env['MMGATHER_TEST_FAULT'] = 'spin'
process.env['MMGATHER_TEST_STAMP'] = '/dev/null'
const hung = await runLiveWith(
  separate(2, 100),
  { verify: false, code: 'js' },
  { entry: new URL('./fault-worker.ts', import.meta.url) },
)
console.log(finished.outcome.kind, interrupted.outcome.kind, hung.outcome.kind)
