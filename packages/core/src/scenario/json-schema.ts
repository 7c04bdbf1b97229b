/**
 * The scenario format as JSON Schema, so that editors complete and check scenario files.
 *
 * Made from the same zod schema that `parseScenario` uses. It knows keys, types, bounds and defaults; the rules across
 * keys (names that exist, mappings that do not overlap) it cannot say.
 */
import * as z from 'zod'
import { scenarioSchema } from './schema.ts'

/** JSON Schema (draft 2020-12) of a scenario file. A new object on every call. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(scenarioSchema, {
    io: 'input',
    target: 'draft-2020-12',
  })
  return {
    $schema,
    title: 'mmgather scenario',
    description: 'A machine, the processes on it and how they are torn down.',
    ...rest,
  }
}
