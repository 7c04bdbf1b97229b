/**
 * The plain accesses of kernel text as the checker runs it: performed at once, in the order of the schedule, and kept track
 * of.
 *
 * A CPU that repeats what it did before it stopped touches no memory: its log has what it loaded. Otherwise every store is
 * noted so that it can be taken back; race detection, rules that watch words, and what is known of words are told from here,
 * each only if an engine has bound it. Without an engine these are the accesses of machine/memory.ts. Check text (docs/wasm.md).
 */

import { CONTROL } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { failWild } from './check-fail.ts'
import { keepTold, toldBefore } from './check-log.ts'
import { loaded, stored } from './check-marks.ts'
import { plainRead, plainWrite } from './check-races.ts'
import { ruleStore } from './check-rules.ts'
import {
  checkState,
  GOING_ON,
  IS_RACING,
  MODE,
  OWN_END,
  OWN_FROM,
  REPEATING,
  WATCH_FROM,
  WORDS_END,
} from './check-state.ts'
import { noteChange } from './check-undo.ts'

/** Throws unless an object may lie at this address. */
export function checkAddress(address: number): void {
  if (address < CONTROL || address >= (checkState[WORDS_END] as number)) failWild(address)
}

/** Is the word outside of the running CPU's own block? */
function isForeign(address: number): boolean {
  return address < (checkState[OWN_FROM] as number) || address >= (checkState[OWN_END] as number)
}

export function load(address: number): number {
  if (checkState[MODE] !== GOING_ON) return loadUntracked(address)
  if (isForeign(address)) {
    checkAddress(address)
    if (checkState[IS_RACING] !== 0) plainRead(address)
    loaded(address)
  }
  return keepTold(mem[address] as number)
}

function loadUntracked(address: number): number {
  return checkState[MODE] === REPEATING ? toldBefore() : (mem[address] as number)
}

export function store(address: number, value: number): void {
  if (checkState[MODE] !== GOING_ON) {
    if (checkState[MODE] !== REPEATING) mem[address] = value
    return
  }
  checkAddress(address)
  if (checkState[IS_RACING] !== 0 && isForeign(address)) plainWrite(address)
  stored(address)
  const before = mem[address] as number
  if (address >= (checkState[WATCH_FROM] as number)) ruleStore(address, before, value)
  mem[address] = value
  noteChange(address, before)
}
