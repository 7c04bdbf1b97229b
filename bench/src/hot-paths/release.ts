/**
 * Releasing: what follows the TLB flush for pages whose mappings are gone (free_pages_and_swap_cache or
 * free_folios_and_swap_cache, down to the per-CPU lists and the zone).
 */
import { PCP_COUNT, TASK_SIZE } from '../../../packages/core/src/machine/layout.ts'
import { load } from '../../../packages/core/src/machine/memory.ts'
import { unmapVmas } from '../../../packages/core/src/mm/memory.ts'
import { tlbFlushMmu, tlbGatherMmuFullmm } from '../../../packages/core/src/mm/mmu-gather.ts'
import type { HotPath, HotPathVariant } from './hot-path.ts'
import { PAGES, createSmallMachine } from './machine.ts'

function release(strategy: string, order: number): HotPathVariant {
  return {
    name: `${strategy}, order ${order}`,
    prepare: () => {
      const machine = createSmallMachine({ strategy, order })
      const { cpu, mm, vma } = machine
      tlbGatherMmuFullmm(cpu, mm, machine.strategy)
      unmapVmas(cpu, vma, 0, TASK_SIZE, machine.strategy)
      machine.snapshot()
      return {
        operations: PAGES,
        reset: machine.reset,
        run: () => {
          tlbFlushMmu(cpu, machine.strategy)
          return load(cpu + PCP_COUNT)
        },
      }
    },
  }
}

export const releasePath: HotPath = {
  name: 'release',
  operation: 'page',
  variants: [
    release('linux-6.5-laf', 0),
    release('linux-6.5-laf', 3),
    release('range-v1', 0),
    release('range-v1', 3),
    // Order 4 goes to the zone folio by folio.
    release('range-v1', 4),
  ],
}
