/**
 * Locks that nobody else wants: spin_lock and spin_unlock of each kind.
 */
import { ZONE_CLASS } from '../../../packages/core/src/machine/counters.ts'
import { ZONE } from '../../../packages/core/src/machine/globals.ts'
import { ZONE_LOCK } from '../../../packages/core/src/machine/layout.ts'
import { load } from '../../../packages/core/src/machine/memory.ts'
import { spinLock, spinUnlock } from '../../../packages/core/src/sync/live.ts'
import type { HotPath, HotPathVariant } from './hot-path.ts'
import { createSmallMachine } from './machine.ts'

const ACQUISITIONS = 10_000

function lockAndUnlock(lock: 'ttas' | 'ticket' | 'qspinlock'): HotPathVariant {
  return {
    name: lock,
    prepare: () => {
      const { reset } = createSmallMachine({ lock })
      return {
        operations: ACQUISITIONS,
        reset,
        run: () => {
          for (let i = 0; i < ACQUISITIONS; i++) {
            spinLock(ZONE + ZONE_LOCK, ZONE_CLASS)
            spinUnlock(ZONE + ZONE_LOCK, ZONE_CLASS)
          }
          return load(ZONE + ZONE_LOCK)
        },
      }
    },
  }
}

export const locksPath: HotPath = {
  name: 'locks',
  operation: 'lock and unlock',
  variants: [lockAndUnlock('ttas'), lockAndUnlock('ticket'), lockAndUnlock('qspinlock')],
}
