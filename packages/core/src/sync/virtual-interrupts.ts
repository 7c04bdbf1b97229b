/**
 * Interrupts in virtual time: how long each CPU keeps them off, and the inter-processor interrupts that wait meanwhile.
 *
 * spin_lock_irqsave keeps them off from before the wait to the release; locks nest, the outermost counts. An IPI to a CPU
 * that has them on takes its handler's time from that CPU at once; one that has them off handles it when it turns them
 * on, and whoever sent it waits. Invariant: a CPU that waits for acknowledgements has at least one outstanding.
 */

import { LRUVEC_CLASS, SPLIT_QUEUE_CLASS, ZONE_CLASS } from '../machine/counters.ts'
import {
  ACCOUNT_IPI,
  ACCOUNT_WORK,
  addToAccount,
  chargeTo,
  clockOf,
  nowCycles,
  self,
  wake,
} from './virtual-clock.ts'

export interface InterruptCosts {
  readonly irqSave: number
  readonly ipiSend: number
  readonly ipiPerTarget: number
  readonly ipiLatency: number
  readonly ipiHandle: number
}

/** What interrupts did to each CPU, in cycles and counts. */
export interface InterruptFigures {
  readonly offCycles: Float64Array
  readonly offCyclesMax: Float64Array
  readonly ipisSent: Float64Array
  readonly ipisHandled: Float64Array
}

function interruptFigures(cpus: number): InterruptFigures {
  return {
    offCycles: new Float64Array(cpus),
    offCyclesMax: new Float64Array(cpus),
    ipisSent: new Float64Array(cpus),
    ipisHandled: new Float64Array(cpus),
  }
}

let costs: InterruptCosts = {
  irqSave: 0,
  ipiSend: 0,
  ipiPerTarget: 0,
  ipiLatency: 0,
  ipiHandle: 0,
}
let depth: Int32Array = new Int32Array(0)
let offSince: Float64Array = new Float64Array(0)
/** Time that handlers took from a CPU while it was not running; it pays when it goes on. */
let stolen: Float64Array = new Float64Array(0)
/** CPUs whose IPIs wait until this one turns interrupts on. */
let pending: number[][] = []
/** Acknowledgements that a CPU waits for, and the last so far. */
let outstanding: Int32Array = new Int32Array(0)
let acknowledged: Float64Array = new Float64Array(0)
let figures: InterruptFigures = interruptFigures(0)

/** All interrupts on, none pending. Returns where the figures are kept. */
export function bindVirtualInterrupts(
  cpus: number,
  interruptCosts: InterruptCosts,
): InterruptFigures {
  costs = interruptCosts
  depth = new Int32Array(cpus)
  offSince = new Float64Array(cpus)
  stolen = new Float64Array(cpus)
  pending = Array.from({ length: cpus }, () => [])
  outstanding = new Int32Array(cpus)
  acknowledged = new Float64Array(cpus)
  figures = interruptFigures(cpus)
  return figures
}

/** Locks that are taken by spin_lock_irqsave. */
export function isIrqSave(lockClass: number): boolean {
  return lockClass === LRUVEC_CLASS || lockClass === ZONE_CLASS || lockClass === SPLIT_QUEUE_CLASS
}

/** local_irq_save */
export function irqSave(): void {
  chargeTo(ACCOUNT_WORK, costs.irqSave)
  const nesting = depth[self] as number
  if (nesting === 0) offSince[self] = nowCycles()
  depth[self] = nesting + 1
}

/** local_irq_restore: the outermost one handles what has come meanwhile. */
export function irqRestore(): void {
  const nesting = (depth[self] as number) - 1
  depth[self] = nesting
  if (nesting > 0) return
  const off = nowCycles() - (offSince[self] as number)
  figures.offCycles[self] = (figures.offCycles[self] as number) + off
  if (off > (figures.offCyclesMax[self] as number)) figures.offCyclesMax[self] = off
  const senders = pending[self] as number[]
  if (senders.length > 0) handlePending(senders)
}

function handlePending(senders: number[]): void {
  for (const sender of senders) {
    chargeTo(ACCOUNT_IPI, costs.ipiHandle)
    figures.ipisHandled[self] = (figures.ipisHandled[self] as number) + 1
    acknowledged[sender] = Math.max(acknowledged[sender] as number, nowCycles())
    outstanding[sender] = (outstanding[sender] as number) - 1
    if (outstanding[sender] !== 0) continue
    const at = Math.max(acknowledged[sender], clockOf(sender))
    addToAccount(sender, ACCOUNT_IPI, at - clockOf(sender))
    wake(sender, at)
  }
  senders.length = 0
}

/**
 * smp_call_function_many, waiting: interrupts the targets. True: some have interrupts off, and the running CPU stays
 * asleep until the last of them has acknowledged.
 */
export function sendIpis(targets: readonly number[]): boolean {
  chargeTo(ACCOUNT_IPI, costs.ipiSend + (targets.length - 1) * costs.ipiPerTarget)
  const arrival = nowCycles() + costs.ipiLatency
  let last = arrival
  let waiting = 0
  for (const target of targets) {
    if ((depth[target] as number) > 0) {
      ;(pending[target] as number[]).push(self)
      waiting++
    } else {
      stolen[target] = (stolen[target] as number) + costs.ipiHandle
      figures.ipisHandled[target] = (figures.ipisHandled[target] as number) + 1
      last = arrival + costs.ipiHandle
    }
  }
  figures.ipisSent[self] = (figures.ipisSent[self] as number) + targets.length
  if (waiting === 0) {
    chargeTo(ACCOUNT_IPI, last - nowCycles())
    return false
  }
  outstanding[self] = waiting
  acknowledged[self] = last
  return true
}

/** Takes the time that handlers used up on a CPU meanwhile; the caller moves its clock. */
export function takeStolen(cpu: number): number {
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
  return pending.flatMap((senders, cpu) => (senders.includes(sender) ? [cpu] : []))
}
