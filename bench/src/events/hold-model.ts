/**
 * The hold model, the usual load of event-queue comparisons: each of N entities holds for a pseudo-random time, again and
 * again. Owns the holds' lengths, which are the same for every simulator.
 */

export interface HoldModel {
  entities: number
  /** Holds of each entity; then it ends. */
  holds: number
}

export interface HoldResult {
  /** Holds that ended. */
  events: number
  /** The simulator's clock when the last one did. */
  clock: number
  /** CPU time of the thread, in nanoseconds, from the first event to the last. */
  ns: number
}

/** Runs the model once. */
export type HoldSimulator = (model: HoldModel) => Promise<HoldResult>

const HOLD_MAX = 1000

/** One state of the generator of pseudo-random numbers for each entity. */
export function holdStates(entities: number): Int32Array {
  return Int32Array.from({ length: entities }, (_, entity) => Math.imul(entity + 1, 0x9e3779b1) | 1)
}

/** The length of an entity's next hold: an integer from 1 to HOLD_MAX (xorshift32). */
export function nextHold(states: Int32Array, entity: number): number {
  let x = states[entity] as number
  x ^= x << 13
  x ^= x >>> 17
  x ^= x << 5
  states[entity] = x
  return 1 + ((x >>> 1) % HOLD_MAX)
}

/** What a simulator must answer, found without any. */
export function expectedHolds({ entities, holds }: HoldModel): Omit<HoldResult, 'ns'> {
  const states = holdStates(entities)
  let clock = 0
  for (let entity = 0; entity < entities; entity++) {
    let end = 0
    for (let i = 0; i < holds; i++) end += nextHold(states, entity)
    clock = Math.max(clock, end)
  }
  return { events: entities * holds, clock }
}

/** CPU time of this thread: what others do on the machine, and threads that collect garbage, are not in it. */
export function nanoseconds(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) * 1000
}
