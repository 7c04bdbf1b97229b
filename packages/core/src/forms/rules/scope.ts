/**
 * What the names within one function body stand for.
 */
import type { Kind } from './names.ts'
import type { Refuse } from './report.ts'

export type Scope = {
  /** Names of module level, imports among them. */
  names: ReadonlyMap<string, Kind>
  parameters: ReadonlySet<string>
  /** Parameters and every name that the body declares. */
  locals: ReadonlySet<string>
  /** The integer members of the Strategy interface; undefined when it is not known. */
  strategyIntegers: ReadonlySet<string> | undefined
  refuse: Refuse
}
