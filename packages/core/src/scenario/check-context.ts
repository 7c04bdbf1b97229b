/**
 * What the checks of a process look up in the scenario around it. Owns the type only.
 */
import type { FolioIndex } from './named-folios.ts'
import type { FileObject } from './scenario.ts'

/** What the checks of a process need to know of its scenario. */
export interface ScenarioContext {
  files: ReadonlyMap<string, FileObject>
  folios: FolioIndex
  /** CPUs of the machine. */
  cpus: number
  /** CONFIG_SWAP. */
  swap: boolean
}
