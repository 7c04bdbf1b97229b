/**
 * A counterexample as one line: world, strategy, rule and schedule, enough to run it again anywhere.
 *
 * `mmg1:STRATEGY:RULE:SCHEDULE:WORLD`. WORLD is the name of a world of the catalogue, or `~` and a scenario as base64url of its
 * JSON. No part holds a colon.
 */

import { parseSchedule, formatSchedule } from '../engines/check/schedule-text.ts'
import { fromBase64Url, toBase64Url } from '../lib/base64url.ts'
import { scenarioToInput } from '../scenario/input-form.ts'
import { parseScenario } from '../scenario/parse-scenario.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { checkWorldScenario } from './check-world.ts'
import { findCheckWorld } from './check-worlds.ts'

const VERSION = 'mmg1'

export interface CheckToken {
  readonly strategy: string
  readonly rule: string
  readonly schedule: readonly number[]
  readonly scenario: Scenario
}

/** A text that is no token, or one of a world or version that is not known here. */
export class TokenError extends Error {
  constructor(reason: string) {
    super(`no replay token: ${reason}`)
    this.name = 'TokenError'
  }
}

/** @param world - the name of the catalogue's world that the scenario is; absent: the token holds the scenario. */
export function formatToken(
  { strategy, rule, schedule, scenario }: CheckToken,
  world?: string,
): string {
  const place = world ?? `~${toBase64Url(JSON.stringify(scenarioToInput(scenario)))}`
  return [VERSION, strategy, rule, formatSchedule(schedule), place].join(':')
}

/** Throws TokenError, or ScenarioError if the scenario in it is not valid. */
export function parseToken(text: string): CheckToken {
  const [version, strategy, rule, schedule, world, ...more] = text.trim().split(':')
  if (version !== VERSION) throw new TokenError(`it does not begin with ${VERSION}:`)
  if (
    strategy === undefined ||
    rule === undefined ||
    schedule === undefined ||
    world === undefined ||
    more.length > 0
  )
    throw new TokenError(`it has not five parts (${VERSION}:STRATEGY:RULE:SCHEDULE:WORLD)`)
  const steps = parseSchedule(schedule)
  if (steps === undefined) throw new TokenError(`its schedule is none: ${schedule.slice(0, 40)}`)
  return { strategy, rule, schedule: steps, scenario: scenarioOf(world, strategy) }
}

function scenarioOf(world: string, strategy: string): Scenario {
  if (!world.startsWith('~')) {
    const found = findCheckWorld(world)
    if (found === undefined) throw new TokenError(`there is no world ${world}`)
    return checkWorldScenario(found, strategy)
  }
  const json = fromBase64Url(world.slice(1))
  const input = json === undefined ? undefined : parseJson(json)
  if (input === undefined) throw new TokenError('its scenario cannot be read')
  return { ...parseScenario(input), strategy }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
