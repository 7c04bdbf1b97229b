/**
 * The way in for profiles: unknown data or text becomes a MachineProfile, or a ProfileError with all that is wrong.
 */
import { formatScenarioIssue, type ScenarioIssue } from '../../scenario/errors.ts'
import { FIRST_LINE_HINT, publicIssue } from '../../scenario/issues.ts'
import { issuesFromZod } from '../../scenario/schema-issues.ts'
import { readYaml } from '../../scenario/yaml-text.ts'
import type { MachineProfile } from './profile.ts'
import { profileSchema } from './profile-schema.ts'

/** Thrown for every profile that cannot be used, with all that is wrong with it, an issue a line. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError'
  readonly issues: readonly ScenarioIssue[]
  /** Where the text came from, as given to `parseProfileText`. */
  readonly source: string | undefined

  constructor(issues: readonly ScenarioIssue[], source?: string) {
    super(issues.map((issue) => formatScenarioIssue(issue, source)).join('\n'))
    this.issues = issues
    this.source = source
  }
}

/**
 * Checks plain data.
 * @throws ProfileError with all issues.
 */
export function parseProfile(input: unknown): MachineProfile {
  const parsed = profileSchema.safeParse(input)
  if (parsed.success) return parsed.data
  const issues = issuesFromZod(parsed.error, input).map((issue) => publicIssue(issue))
  throw new ProfileError(issues.map(aboutProfiles))
}

/**
 * Parses the text of a profile file: JSON, or YAML 1.2, of which JSON is a part.
 * @param options.source where the text came from; error messages begin with it.
 * @throws ProfileError with all issues, each with its line and column.
 */
export function parseProfileText(text: string, options: { source?: string } = {}): MachineProfile {
  const yaml = readYaml(text)
  if ('issues' in yaml) throw new ProfileError(yaml.issues.map(aboutProfiles), options.source)
  const parsed = profileSchema.safeParse(yaml.value)
  if (parsed.success) return parsed.data
  const issues = issuesFromZod(parsed.error, yaml.value).map((issue) =>
    publicIssue(issue, yaml.locate),
  )
  throw new ProfileError(issues.map(aboutProfiles), options.source)
}

/** The issues come from code that reads scenarios; what they say about the first line is about those. */
function aboutProfiles(issue: ScenarioIssue): ScenarioIssue {
  if (issue.hint !== FIRST_LINE_HINT) return issue
  return { ...issue, hint: 'a profile is a map with "schema": "mmgather/profile@1"' }
}
