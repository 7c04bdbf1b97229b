/**
 * Interrupts in virtual time: how long each CPU keeps them off, and the inter-processor interrupts that wait meanwhile.
 *
 * spin_lock_irqsave keeps them off from before the wait to the release; locks nest, the outermost counts. An IPI to a CPU
 * that has them on takes its handler's time from that CPU at once; one that has them off handles it when it turns them
 * on, and whoever sent it waits. Virtual text (docs/wasm.md). Invariant: a CPU that waits for acknowledgements has at
 * least one outstanding.
 */

import { LRUVEC_CLASS, SPLIT_QUEUE_CLASS, ZONE_CLASS } from '../machine/counters.ts'
import { NR_CPUS } from '../machine/globals.ts'
import { MM_CPUMASK } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import type { ArraySource } from './array-source.ts'
import {
  ACCOUNT_IPI,
  ACCOUNT_WORK,
  addToAccount,
  chargeTo,
  clockOf,
  type Cycles,
  nowCycles,
  self,
  wake,
} from './virtual-clock.ts'
import { IPI_HANDLE, IPI_LATENCY, IPI_PER_TARGET, IPI_SEND, IRQ_SAVE } from './virtual-costs.ts'

/** What interrupts did to each CPU, in cycles and counts. */
export interface InterruptFigures {
  readonly offCycles: Float64Array
  readonly offCyclesMax: Float64Array
  readonly ipisSent: Float64Array
  readonly ipisHandled: Float64Array
}

let irqDepth: Int32Array = new Int32Array(0)
let irqOffSince: Float64Array = new Float64Array(0)
/** Time that handlers took from a CPU while it was not running; it pays when it goes on. */
let stolen: Float64Array = new Float64Array(0)
/** CPUs whose IPIs wait until this one turns interrupts on: the first so many of as many elements as there are CPUs. */
let pendingCount: Int32Array = new Int32Array(0)
let pendingSenders: Int16Array = new Int16Array(0)
/** Acknowledgements that a CPU waits for, and the last so far. */
let outstanding: Int32Array = new Int32Array(0)
let acknowledged: Float64Array = new Float64Array(0)
let offCycles: Float64Array = new Float64Array(0)
let offCyclesMax: Float64Array = new Float64Array(0)
let ipisSent: Float64Array = new Float64Array(0)
let ipisHandled: Float64Array = new Float64Array(0)

/** All interrupts on, none pending. Returns where the figures are kept. */
export function bindVirtualInterrupts(cpus: number, arrays: ArraySource): InterruptFigures {
  irqDepth = arrays.int32('irqDepth', cpus)
  irqOffSince = arrays.float64('irqOffSince', cpus)
  stolen = arrays.float64('stolen', cpus)
  pendingCount = arrays.int32('pendingCount', cpus)
  pendingSenders = arrays.int16('pendingSenders', cpus * cpus)
  outstanding = arrays.int32('outstanding', cpus)
  acknowledged = arrays.float64('acknowledged', cpus)
  offCycles = arrays.float64('offCycles', cpus)
  offCyclesMax = arrays.float64('offCyclesMax', cpus)
  ipisSent = arrays.float64('ipisSent', cpus)
  ipisHandled = arrays.float64('ipisHandled', cpus)
  return { offCycles, offCyclesMax, ipisSent, ipisHandled }
}

/** Locks that are taken by spin_lock_irqsave. */
export function isIrqSave(lockClass: number): boolean {
  return lockClass === LRUVEC_CLASS || lockClass === ZONE_CLASS || lockClass === SPLIT_QUEUE_CLASS
}

/** local_irq_save */
export function irqSave(): void {
  chargeTo(ACCOUNT_WORK, IRQ_SAVE)
  const nesting = irqDepth[self] as number
  if (nesting === 0) irqOffSince[self] = nowCycles()
  irqDepth[self] = nesting + 1
}

/** local_irq_restore: the outermost one handles what has come meanwhile. */
export function irqRestore(): void {
  const nesting = (irqDepth[self] as number) - 1
  irqDepth[self] = nesting
  if (nesting > 0) return
  const off = nowCycles() - (irqOffSince[self] as number)
  offCycles[self] = (offCycles[self] as number) + off
  if (off > (offCyclesMax[self] as number)) offCyclesMax[self] = off
  const senders = pendingCount[self] as number
  if (senders > 0) handlePending(senders)
}

function handlePending(senders: number): void {
  const first = Math.imul(self, NR_CPUS)
  for (let i = 0; i < senders; i++) {
    const sender = pendingSenders[first + i] as number
    chargeTo(ACCOUNT_IPI, IPI_HANDLE)
    ipisHandled[self] = (ipisHandled[self] as number) + 1
    const last: Cycles = Math.max(acknowledged[sender] as number, nowCycles())
    acknowledged[sender] = last
    const missing = (outstanding[sender] as number) - 1
    outstanding[sender] = missing
    if (missing === 0) {
      const at: Cycles = Math.max(last, clockOf(sender))
      addToAccount(sender, ACCOUNT_IPI, at - clockOf(sender))
      wake(sender, at)
    }
  }
  pendingCount[self] = 0
}

/**
 * smp_call_function_many, waiting: interrupts the CPUs in mm_cpumask beside the running one. True: some have interrupts
 * off, and the running CPU stays asleep until the last of them has acknowledged.
 */
export function sendIpis(mm: number): boolean {
  const targets = countTargets(mm)
  if (targets === 0) return false
  const further: Cycles = targets - 1
  chargeTo(ACCOUNT_IPI, IPI_SEND + further * IPI_PER_TARGET)
  const arrival = nowCycles() + IPI_LATENCY
  let last = arrival
  let waiting = 0
  for (let first = 0; first < NR_CPUS; first = first + 32) {
    let bits = othersIn(mm, first)
    while (bits !== 0) {
      const target = first + 31 - Math.clz32(bits & -bits)
      bits = bits & (bits - 1)
      if ((irqDepth[target] as number) > 0) {
        const senders = pendingCount[target] as number
        pendingSenders[Math.imul(target, NR_CPUS) + senders] = self
        pendingCount[target] = senders + 1
        waiting++
      } else {
        stolen[target] = (stolen[target] as number) + IPI_HANDLE
        ipisHandled[target] = (ipisHandled[target] as number) + 1
        last = arrival + IPI_HANDLE
      }
    }
  }
  ipisSent[self] = (ipisSent[self] as number) + targets
  if (waiting === 0) {
    chargeTo(ACCOUNT_IPI, last - nowCycles())
    return false
  }
  outstanding[self] = waiting
  acknowledged[self] = last
  return true
}

/** The CPUs from `first` on, a bit each, that are in mm_cpumask and not running now. */
function othersIn(mm: number, first: number): number {
  const bits = mem[mm + MM_CPUMASK + (first >> 5)] as number
  const own = self - first
  return own >= 0 && own < 32 ? bits & ~(1 << own) : bits
}

function countTargets(mm: number): number {
  let targets = 0
  for (let first = 0; first < NR_CPUS; first = first + 32) {
    let bits = othersIn(mm, first)
    while (bits !== 0) {
      bits = bits & (bits - 1)
      targets++
    }
  }
  return targets
}

/** Takes the time that handlers used up on a CPU meanwhile; the caller moves its clock. */
export function takeStolen(cpu: number): Cycles {
  const cycles = stolen[cpu] as number
  if (cycles === 0) return 0
  stolen[cpu] = 0
  addToAccount(cpu, ACCOUNT_IPI, cycles)
  return cycles
}

/** Acknowledgements that a CPU waits for. */
export function acknowledgementsMissing(cpu: number): number {
  return outstanding[cpu] as number
}

/** CPUs with interrupts off whose handlers a CPU waits for. */
export function interruptsOffTargets(sender: number): number[] {
  const targets: number[] = []
  pendingCount.forEach((count, cpu) => {
    const first = cpu * NR_CPUS
    if (pendingSenders.subarray(first, first + count).includes(sender)) targets.push(cpu)
  })
  return targets
}
