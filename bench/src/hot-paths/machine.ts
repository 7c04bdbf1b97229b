/**
 * A small machine for one hot path: one process with 4,096 pages of one order, on one CPU, and a snapshot to
 * which it can be put back in microseconds.
 */
import { createMachine, parseScenario, populate } from '../../../packages/core/src/index.ts'
import { CPU_BASE, MM_BASE } from '../../../packages/core/src/machine/globals.ts'
import { MM_MMAP, VMA_START } from '../../../packages/core/src/machine/layout.ts'
import { type Machine, bindMachine } from '../../../packages/core/src/machine/machine.ts'
import { load } from '../../../packages/core/src/machine/memory.ts'
import { pfnToPage } from '../../../packages/core/src/machine/page.ts'
import {
  pgdOffset,
  pmdIndex,
  pteIndex,
  ptePfn,
  pudIndex,
  tableContent,
} from '../../../packages/core/src/machine/pgtable.ts'
import { findStrategy } from '../../../packages/core/src/mm/strategies/index.ts'
import type { Strategy } from '../../../packages/core/src/mm/strategy.ts'
import { bindLiveCpu } from '../../../packages/core/src/sync/live-cpu.ts'

/** Pages of the process: eight page tables, and no forced flush in any strategy. */
export const PAGES = 4096

export interface SmallMachineOptions {
  strategy?: string
  order?: number
  lock?: 'ttas' | 'ticket' | 'qspinlock'
}

export interface SmallMachine {
  cpu: number
  mm: number
  vma: number
  /** struct page of the process's first page; the others follow it. */
  firstPage: number
  strategy: Strategy
  /** Remembers the machine as it is; `reset` goes back there. */
  snapshot: () => void
  reset: () => void
}

/** Makes the machine and binds it to this thread, which can have one only. */
export function createSmallMachine(options: SmallMachineOptions = {}): SmallMachine {
  const { strategy: id = 'linux-6.5-laf', order = 0, lock = 'qspinlock' } = options
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    strategy: id,
    machine: { lock },
    processes: [{ vmas: [{ kind: 'anon', pages: PAGES, folios: [{ order }] }] }],
  })
  const strategy = findStrategy(id)
  if (strategy === undefined) throw new RangeError(`no strategy ${id}`)
  const machine: Machine = createMachine(scenario)
  populate(machine, scenario)
  bindMachine(machine)
  const cpu = CPU_BASE
  bindLiveCpu({ cpu })
  const mm = MM_BASE
  const vma = load(mm + MM_MMAP)
  let saved = machine.words.slice()
  return {
    cpu,
    mm,
    vma,
    firstPage: pageAt(mm, load(vma + VMA_START)),
    strategy,
    snapshot: () => {
      saved = machine.words.slice()
    },
    reset: () => machine.words.set(saved),
  }
}

/** The struct page that is mapped at a virtual page number. */
function pageAt(mm: number, addr: number): number {
  const puds = tableContent(load(pgdOffset(mm, addr)))
  const pmds = tableContent(load(puds + pudIndex(addr)))
  const ptes = tableContent(load(pmds + pmdIndex(addr)))
  return pfnToPage(ptePfn(load(ptes + pteIndex(addr))))
}
