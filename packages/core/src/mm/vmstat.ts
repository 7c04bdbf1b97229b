/**
 * mm/vmstat.c, include/linux/vmstat.h: event and page-state counters, per CPU, plain increments.
 *
 * The kernel spills per-CPU differences into a global word when they pass a threshold; here the differences stay per
 * CPU and readers add them up, so the counters never cause a shared write.
 */

import { CPU_EVENTS, CPU_VMSTAT } from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'

/** Counts `n` events of a report's counter (E_*). */
export function countEvents(cpu: number, event: number, n: number): void {
  store(cpu + CPU_EVENTS + event, load(cpu + CPU_EVENTS + event) + n)
}

/** Notes `n` in a report's counter that keeps the largest (E_*_MAX). */
export function countEventMax(cpu: number, event: number, n: number): void {
  if (n > load(cpu + CPU_EVENTS + event)) store(cpu + CPU_EVENTS + event, n)
}

/** count_vm_events */
export function countVmEvents(cpu: number, item: number, n: number): void {
  store(cpu + CPU_VMSTAT + item, load(cpu + CPU_VMSTAT + item) + n)
}

/** __mod_node_page_state, __mod_zone_page_state, __mod_lruvec_page_state: one per-CPU word for all of them. */
export function modNodePageState(cpu: number, item: number, delta: number): void {
  store(cpu + CPU_VMSTAT + item, load(cpu + CPU_VMSTAT + item) + delta)
}
