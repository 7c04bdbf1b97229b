/**
 * Whom plain stores are told to: compiled text calls this where it is, in JavaScript.
 */

import { checkState, WATCH_FROM } from './check-state.ts'

type Watch = (address: number, old: number, value: number) => void

let watch: Watch = () => undefined

/** Plain stores to words from `from` on that rules can ask about are told to `callback`, before they happen. */
export function watchStores(from: number, callback: Watch): void {
  checkState[WATCH_FROM] = from
  watch = callback
}

/** A plain store is about to happen. */
export function tellStore(address: number, old: number, value: number): void {
  watch(address, old, value)
}
