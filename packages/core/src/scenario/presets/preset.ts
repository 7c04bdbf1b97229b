/**
 * What a preset is. Owns the type, apart from the list so that the parts of the list can use it.
 */
import type { ScenarioInput } from '../input.ts'

/** A scenario that comes with the package. */
export interface Preset {
  /** What `mmgather run` takes. */
  name: string
  /** One line of at most 60 characters. */
  summary: string
  /** As its file would be written: without defaults. */
  scenario: ScenarioInput
}
