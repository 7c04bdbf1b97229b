/**
 * Who waits for whom: the words of a deadlock report, for CPUs that nothing will wake.
 */

import { LOCK_CLASS_KEYS } from '../../machine/counters.ts'
import { acknowledgementsMissing, interruptsOffTargets } from '../../sync/virtual-interrupts.ts'
import { classOfLock, holderOf, lockWaitedFor } from '../../sync/virtual-spinlock.ts'
import { clockOf } from '../../sync/virtual-clock.ts'

/** A line for each CPU that waits. */
export function describeWaits(isDone: Int32Array): string[] {
  const lines: string[] = []
  isDone.forEach((done, cpu) => {
    if (done === 0) lines.push(`CPU ${cpu} (at cycle ${clockOf(cpu)}) ${waitOf(cpu, isDone)}`)
  })
  return lines
}

function waitOf(cpu: number, isDone: Int32Array): string {
  const lock = lockWaitedFor(cpu)
  if (lock !== 0) {
    const name = `${LOCK_CLASS_KEYS[classOfLock(lock)] ?? 'unknown'} lock at word ${lock}`
    const holder = holderOf(lock)
    if (holder === cpu) return `waits for the ${name}, which it holds itself`
    const ended = isDone[holder] === 1 ? ', which has ended without releasing it' : ''
    return `waits for the ${name}, held by CPU ${holder}${ended}`
  }
  if (acknowledgementsMissing(cpu) > 0)
    return `waits for its TLB flush to be acknowledged by CPU ${interruptsOffTargets(cpu).join(', CPU ')}, with interrupts off`
  return 'waits for nothing that is known'
}
