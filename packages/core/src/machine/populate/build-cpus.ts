/**
 * Builds what each CPU has of its own before the run: its page lists, its memcg stock, its numbers for need_resched().
 */

import { Prng } from '../../lib/prng.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { CPU_BASE, CPU_STRIDE } from '../globals.ts'
import {
  CPU_ID,
  CPU_RESCHED_STATE,
  CPU_STOCK_MEMCG,
  CPU_STOCK_PAGES,
  HPAGE_PMD_ORDER,
  MIGRATE_MOVABLE,
  MIGRATE_PCPTYPES,
  MIGRATE_UNMOVABLE,
  NR_PCP_LISTS,
  PAGE_FLAGS,
  PAGE_LRU,
  PAGE_WORDS,
  PCP_BATCH,
  PCP_COUNT,
  PCP_FLAGS,
  PCP_FREE_COUNT,
  PCP_FREE_FACTOR,
  PCP_HIGH,
  PCP_HIGH_MAX,
  PCP_HIGH_MIN,
  PCP_LISTS,
  PCP_THP_PINDEX,
  PCPF_FREE_HIGH_BATCH,
  PG_MOVABLE,
  PG_TYPE_PCP,
  ROOT_MEMCG_ID,
} from '../layout.ts'
import type { KernelParameters } from '../limits.ts'
import { initListHead, listAdd } from '../list.ts'
import { mem } from '../memory.ts'
import { pcpLimitsOf } from '../pcp-sizes.ts'
import { chargeMemcg } from './build-folios.ts'
import { cpuOf } from './build-processes.ts'
import { add, type Builder } from './builder.ts'

export function buildCpus(b: Builder, kernel: KernelParameters): void {
  const { machine, seed } = b.scenario
  const limits = pcpLimitsOf(machine, kernel.pcpFreeCount)
  const { freeFactor, freeCount, freeHighBatch } = machine.pcp
  const prng = new Prng(seed ^ 0x72657363)
  for (let i = 0; i < machine.cpus; i++) {
    const cpu = CPU_BASE + i * CPU_STRIDE
    mem[cpu + CPU_ID] = i
    mem[cpu + CPU_RESCHED_STATE] = prng.next() | 1
    mem[cpu + PCP_BATCH] = limits.batch
    mem[cpu + PCP_HIGH] = limits.high
    mem[cpu + PCP_HIGH_MIN] = limits.highMin
    mem[cpu + PCP_HIGH_MAX] = limits.highMax
    // free_factor up to v6.6, free_count from v6.7 on: the other one is not there
    if (kernel.pcpFreeCount === 0) mem[cpu + PCP_FREE_FACTOR] = freeFactor
    else {
      mem[cpu + PCP_FREE_COUNT] = freeCount
      mem[cpu + PCP_FLAGS] = freeHighBatch ? PCPF_FREE_HIGH_BATCH : 0
    }
    buildPcpLists(b, cpu)
  }
  buildStocks(b)
}

/** Pages of the kernel's own, and blocks of user memory. */
function buildPcpLists(b: Builder, cpu: number): void {
  const { count, lists } = b.scenario.machine.pcp
  for (let list = 0; list < NR_PCP_LISTS; list++) initListHead(cpu + PCP_LISTS + list * 2)
  for (let n = 0; n < count; n++) addToPcp(b, cpu, 0, MIGRATE_UNMOVABLE)
  for (const list of lists)
    for (let n = 0; n < list.count; n++) addToPcp(b, cpu, list.order, MIGRATE_MOVABLE)
}

function addToPcp(b: Builder, cpu: number, order: number, migratetype: number): void {
  const page = b.kernelPage(order)
  const movable = migratetype === MIGRATE_MOVABLE ? PG_MOVABLE : 0
  for (let i = 0; i < 1 << order; i++) mem[page + i * PAGE_WORDS + PAGE_FLAGS] = movable
  mem[page + PAGE_FLAGS] = PG_TYPE_PCP | movable
  const pindex = order === HPAGE_PMD_ORDER ? PCP_THP_PINDEX : MIGRATE_PCPTYPES * order + migratetype
  listAdd(page + PAGE_LRU, cpu + PCP_LISTS + pindex * 2)
  add(cpu + PCP_COUNT, 1 << order)
}

/** memcg_stock_pcp: charged in advance to the memcg of the first process that the CPU runs. */
function buildStocks(b: Builder): void {
  const { memcgStock } = b.scenario.machine
  if (memcgStock === 0) return
  memcgsOfProcesses(b.scenario).forEach((name, process) => {
    const cpu = CPU_BASE + cpuOf(process) * CPU_STRIDE
    const memcg = b.memcgId(name)
    if (memcg === ROOT_MEMCG_ID || mem[cpu + CPU_STOCK_MEMCG] !== 0) return
    mem[cpu + CPU_STOCK_MEMCG] = memcg
    mem[cpu + CPU_STOCK_PAGES] = memcgStock
    chargeMemcg(memcg, memcgStock)
  })
}

function memcgsOfProcesses({ processes }: Scenario): string[] {
  return processes.flatMap(({ count, memcg }) => Array.from({ length: count }, () => memcg))
}
