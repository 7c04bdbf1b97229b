/**
 * The way in for scenarios: unknown input or text becomes a Scenario with every default filled in, or a ScenarioError
 * with all that is wrong.
 *
 * Two steps: the schema (keys, types, bounds), and if that holds, the rules across keys. All issues of a step come at
 * once.
 */
import { withStarts } from './address-layout.ts'
import { checkScenario } from './check-scenario.ts'
import { ScenarioError, type ScenarioIssue } from './errors.ts'
import { type FoundIssue, publicIssue } from './issues.ts'
import { readFoldedYaml } from './folded-yaml.ts'
import { readJson } from './json-text.ts'
import type { Scenario } from './scenario.ts'
import { scenarioSchema } from './schema.ts'
import { issuesFromZod } from './schema-issues.ts'
import { readYaml } from './yaml-text.ts'

/**
 * Checks plain data in the input form (`ScenarioInput`) and fills in every default, `start` of each VMA included, which
 * becomes a page number.
 * @throws ScenarioError with all issues.
 */
export function parseScenario(input: unknown): Scenario {
  const read = withTextPaths(readScenario(input))
  if ('scenario' in read) return read.scenario
  throw new ScenarioError(read.issues)
}

/**
 * Parses a scenario file's text, YAML 1.2 or JSON.
 * @param options.source where the text came from; error messages begin with it.
 * @throws ScenarioError with all issues, each with its line and column (text of over a million characters: some without).
 */
export function parseScenarioText(text: string, options: { source?: string } = {}): Scenario {
  const quick = readJson(text) ?? readFoldedYaml(text)
  if (quick !== undefined) {
    const found = 'issues' in quick ? quick : withTextPaths(readScenario(quick.value))
    if ('scenario' in found) return found.scenario
    if (text.length > PLACES_MAX) throw new ScenarioError(found.issues, options.source)
  }
  const yaml = readYaml(text)
  if ('issues' in yaml) throw new ScenarioError(yaml.issues, options.source)
  const read = readScenario(yaml.value)
  if ('scenario' in read) return read.scenario
  const issues = read.issues.map((issue) => publicIssue(issue, yaml.locate))
  throw new ScenarioError(issues.sort(byPlace), options.source)
}

/** Characters up to which a mistake is worth a slow second reading, which knows the places. */
const PLACES_MAX = 1_000_000

type Read<Issue> = { scenario: Scenario } | { issues: Issue[] }

function withTextPaths(read: Read<FoundIssue>): Read<ScenarioIssue> {
  if ('scenario' in read) return read
  return { issues: read.issues.map((issue) => publicIssue(issue)) }
}

function readScenario(input: unknown): Read<FoundIssue> {
  const parsed = checkForm(input)
  if ('issues' in parsed) return parsed
  const scenario: Scenario = {
    ...parsed.data,
    processes: parsed.data.processes.map((group) => ({ ...group, vmas: withStarts(group.vmas) })),
  }
  const issues = checkScenario(scenario)
  return issues.length === 0 ? { scenario } : { issues }
}

function checkForm(input: unknown): { data: Scenario } | { issues: FoundIssue[] } {
  try {
    const parsed = scenarioSchema.safeParse(input)
    return parsed.success ? parsed : { issues: issuesFromZod(parsed.error, input) }
  } catch (error) {
    // The library passes issues on as arguments: 100,000 in one list overflow its stack.
    if (!(error instanceof RangeError)) throw error
    const parsed = scenarioSchema.safeParse(firstEntries(input, 10))
    if (!parsed.success) return { issues: issuesFromZod(parsed.error, input) }
    return { issues: [{ path: [], message: 'has too many mistakes to list them' }] }
  }
}

/** The input with the first 1,000 entries of every list; `depth` is more than a scenario has. */
function firstEntries(input: unknown, depth: number): unknown {
  if (typeof input !== 'object' || input === null || depth === 0) return input
  if (Array.isArray(input)) return input.slice(0, 1000).map((item) => firstEntries(item, depth - 1))
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [key, firstEntries(value, depth - 1)]),
  )
}

function byPlace(a: ScenarioIssue, b: ScenarioIssue): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}
