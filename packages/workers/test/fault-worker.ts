/**
 * Entry of a CPU thread that fails on purpose: with `MMGATHER_TEST_FAULT=throw` in the environment, CPU 1 fails in the
 * middle of its first teardown. The other CPUs work as usual. `MMGATHER_TEST_STAMP` names a file for the time of the
 * fault.
 */
import type { Strategy } from '@mmgather/core'
import { writeFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'

import { LRUVEC_CLASS } from '../../core/src/machine/counters.ts'
import { LRUVEC_BASE, NR_LRUVECS } from '../../core/src/machine/globals.ts'
import {
  LRUVEC_LOCK,
  LRUVEC_WORDS,
  PAGE_COMPOUND_HEAD,
  PAGE_MAPCOUNT,
} from '../../core/src/machine/layout.ts'
import { store } from '../../core/src/machine/memory.ts'
import { spinLock } from '../../core/src/sync/live.ts'
import type { CpuThreadData } from '../src/cpu-api.ts'
import { serveCpu } from '../src/cpu-server.ts'

const FAILING_CPU = 1
const wanted = process.env['MMGATHER_TEST_FAULT'] ?? ''
const data = workerData as CpuThreadData
/** rmap removals before the fault. */
const AFTER = 100

function lockAllLruvecs(): void {
  for (let i = 0; i < NR_LRUVECS; i++) {
    spinLock(LRUVEC_BASE + i * LRUVEC_WORDS + LRUVEC_LOCK, LRUVEC_CLASS)
  }
}

let kept: unknown[] = []

const faults: Record<string, (page: number) => void> = {
  throw: () => {
    throw new TypeError('planted')
  },
  bug: (page) => store(page + PAGE_MAPCOUNT, -1),
  exit: () => process.exit(7),
  oom: () => {
    // numbers, so that the garbage collector has nothing to look at and the end comes fast
    for (;;) kept.push(Array<number>(1_000_000).fill(0.5))
  },
  spin: () => {
    for (;;) kept = []
  },
  sleep: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  },
  // the page's folio lies beyond the memory: who frees the page reads its head anew
  trap: (page) => store(page + PAGE_COMPOUND_HEAD, 0x3fffff00),
  'spin-locked': () => {
    lockAllLruvecs()
    for (;;) kept = []
  },
  'never-unlock': lockAllLruvecs,
  'exit-locked': () => {
    lockAllLruvecs()
    process.exit(7)
  },
}

const fault = data.cpu === FAILING_CPU ? faults[wanted] : undefined
let calls = 0

function plantFault(page: number): void {
  if (fault === undefined || ++calls !== AFTER) return
  writeFileSync(process.env['MMGATHER_TEST_STAMP'] ?? '', String(Date.now()))
  fault(page)
}

/** In JavaScript the strategy is wrapped; in WebAssembly fault-strategy.ts takes its place and calls `plantFault`. */
function failing(strategy: Strategy): Strategy {
  return {
    ...strategy,
    folioRemoveRmapPtes(cpu, folio, page, nr, vma, self) {
      plantFault(page)
      strategy.folioRemoveRmapPtes(cpu, folio, page, nr, vma, self)
    },
  }
}

if (data.cpu === FAILING_CPU && wanted === 'at-start') process.exit(3)
serveCpu(data, { wrap: failing, host: { plantFault } })
