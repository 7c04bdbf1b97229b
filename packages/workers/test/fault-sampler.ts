/** Entry of a sampler's thread that fails on purpose, when its run has begun. */
import { parentPort, workerData } from 'node:worker_threads'

import { SAMPLER_ORDER, SAMPLER_REST, type SamplerThreadData } from '../src/sampler/sampler-api.ts'

const { words } = workerData as SamplerThreadData
Atomics.wait(words, SAMPLER_ORDER, SAMPLER_REST)
parentPort?.postMessage({ kind: 'sampling' }, [])
throw new Error('planted')
