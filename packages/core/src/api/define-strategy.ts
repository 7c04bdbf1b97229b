/**
 * What gives a user's strategy its type.
 *
 * The rules of strategy files know the call by this name: at module level, with the record written in place, it stands for
 * the record.
 */

import type { Strategy } from '../mm/strategy.ts'

/**
 * A strategy of one's own: `export const mine = defineStrategy({ ...linux612, id: 'mine', ... })`. Returns the record that
 * it is given; a member that no strategy has, or one of another type, does not compile.
 *
 * @param strategy - the record, written in place: a strategy that ships, spread, and what differs. Its `id` is its own.
 */
export function defineStrategy(strategy: Strategy): Strategy {
  return strategy
}
