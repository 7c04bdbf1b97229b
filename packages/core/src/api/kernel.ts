/**
 * @mmgather/core/kernel: the kernel text for strategies that users bring: every exported function of `mm` and `kernel`,
 * the strategies that ship, and the type Strategy.
 *
 * Invariant: no two modules of the kernel text export the same name, or neither would be here (tested).
 */

export * from '../kernel/exit.ts'
export * from '../mm/buddy.ts'
export * from '../mm/folio-batch.ts'
export * from '../mm/free-pgtables.ts'
export * from '../mm/huge-memory.ts'
export * from '../mm/huge-pmd.ts'
export * from '../mm/memcontrol.ts'
export * from '../mm/memory.ts'
export * from '../mm/memremap.ts'
export * from '../mm/mlock.ts'
export * from '../mm/mm-inline.ts'
export * from '../mm/mmap.ts'
export * from '../mm/mmu-gather.ts'
export * from '../mm/page-alloc.ts'
export * from '../mm/page-table.ts'
export * from '../mm/page-writeback.ts'
export * from '../mm/rmap.ts'
export * from '../mm/strategies/linux-6.5.ts'
export * from '../mm/strategies/range-v1.ts'
export * from '../mm/strategy.ts'
export * from '../mm/swap-state.ts'
export * from '../mm/swap.ts'
export * from '../mm/swapfile.ts'
export * from '../mm/tlb.ts'
export * from '../mm/vmstat.ts'
export * from '../mm/zap-nonpresent.ts'
