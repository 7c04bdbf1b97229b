/**
 * Zapping: clearing PTEs, gathering their pages, removing their rmaps (unmap_vmas down to zap_pte_range).
 */
import { TASK_SIZE, TLB_ACTIVE } from '../../../packages/core/src/machine/layout.ts'
import { load } from '../../../packages/core/src/machine/memory.ts'
import { unmapVmas } from '../../../packages/core/src/mm/memory.ts'
import { tlbGatherMmuFullmm } from '../../../packages/core/src/mm/mmu-gather.ts'
import type { HotPath, HotPathVariant } from './hot-path.ts'
import { PAGES, createSmallMachine } from './machine.ts'

function zap(strategy: string, order: number): HotPathVariant {
  return {
    name: `${strategy}, order ${order}`,
    prepare: () => {
      const machine = createSmallMachine({ strategy, order })
      const { cpu, mm, vma } = machine
      tlbGatherMmuFullmm(cpu, mm, machine.strategy)
      machine.snapshot()
      return {
        operations: PAGES,
        reset: machine.reset,
        run: () => {
          unmapVmas(cpu, vma, 0, TASK_SIZE, machine.strategy)
          return load(cpu + TLB_ACTIVE)
        },
      }
    },
  }
}

export const zapPath: HotPath = {
  name: 'zap',
  operation: 'PTE',
  variants: [
    zap('linux-6.5-laf', 0),
    zap('linux-6.5-laf', 3),
    zap('range-v1', 0),
    zap('range-v1', 3),
    zap('range-v1', 9),
  ],
}
