/**
 * Turns what zod found into issues that name the field, the value, what is allowed and a way out.
 *
 * Owns the wording of schema errors. Relies on the convention of `schema-leaves.ts`: an issue's message is what is
 * allowed. Values are looked up in the input, which zod's issues do not carry.
 */
import type * as z from 'zod'
import { didYouMean } from '../lib/did-you-mean.ts'
import { FIRST_LINE_HINT, type FoundIssue } from './issues.ts'
import { type PathSegment } from './path.ts'

type Issue = z.core.$ZodIssue

/** Every issue of `error`, in order, each place and message once. */
export function issuesFromZod(error: z.ZodError, input: unknown): FoundIssue[] {
  const found: FoundIssue[] = []
  const seen = new Set<string>()
  for (const issue of flatten(error.issues, [])) {
    for (const one of convert(issue, input)) {
      const key = JSON.stringify([one.path, one.message])
      if (!seen.has(key)) found.push(one)
      seen.add(key)
    }
  }
  return found
}

/** Replaces a failed union by the issues of its one alternative that has the right form, if there is one. */
function flatten(issues: readonly Issue[], prefix: readonly PropertyKey[]): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path]
    if (issue.code === 'invalid_union') {
      const near = issue.errors.filter((branch) => !branch.some(isOfOtherForm))
      if (near.length === 1 && near[0] !== undefined) return flatten(near[0], path)
    }
    return [{ ...issue, path }]
  })
}

function isOfOtherForm(issue: Issue): boolean {
  const form = issue.code === 'invalid_type' || issue.code === 'invalid_value'
  return issue.path.length === 0 && form
}

function convert(issue: Issue, input: unknown): FoundIssue[] {
  const path = issue.path.map((segment) =>
    typeof segment === 'symbol' ? String(segment) : segment,
  )
  const allowed = issue.message
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'unknown key',
      allowed,
      ...hinted(didYouMean(key, allowed.split(', '))),
      atKey: true,
    }))
  }
  const at = valueAt(input, path)
  if (at.missing) return [{ path, message: 'is missing', allowed }]
  if (at.value === undefined) {
    return [{ path, message: 'must not be undefined', allowed, hint: 'leave the key out' }]
  }
  const value = at.value
  return [
    { path, message: whatIsWrong(issue, value), value, allowed, ...hinted(hint(issue, value)) },
  ]
}

function valueAt(
  input: unknown,
  path: readonly PathSegment[],
): { missing: boolean; value: unknown } {
  let value = input
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) {
      return { missing: true, value: undefined }
    }
    value = (value as Record<PathSegment, unknown>)[segment]
  }
  return { missing: false, value }
}

const FORMS: Record<string, string> = {
  number: 'must be an integer',
  int: 'must be an integer',
  string: 'must be text',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be a map of keys',
}

function whatIsWrong(issue: Issue, value: unknown): string {
  const many = Array.isArray(value) || typeof value === 'string'
  switch (issue.code) {
    case 'invalid_type':
      return FORMS[issue.expected] ?? 'has the wrong type'
    case 'too_small':
      return many ? 'is too short' : 'is too small'
    case 'too_big':
      return many ? 'is too long' : 'is too large'
    case 'custom':
      return typeof issue.params?.['what'] === 'string' ? issue.params['what'] : 'is not allowed'
    case 'invalid_value':
      return 'is not one of the values'
    default:
      return 'is not of an allowed form'
  }
}

/** Words that YAML 1.1 took for booleans and YAML 1.2 takes for text. */
const OLD_BOOLEANS = new Set(['yes', 'no', 'on', 'off', 'true', 'false', 'y', 'n'])

function hint(issue: Issue, value: unknown): string | undefined {
  if (typeof value === 'string' && issue.path.length > 0) {
    if (issue.code === 'invalid_type') return hintForText(issue.expected, value)
    const words = wordsOf(issue)
    return words === undefined ? undefined : didYouMean(value, words)
  }
  if (issue.path.length === 0) return FIRST_LINE_HINT
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string'
  return wantsText && typeof value === 'number' ? `put it in quotes: '${value}'` : undefined
}

function hintForText(expected: string, value: string): string | undefined {
  if (expected === 'boolean' && OLD_BOOLEANS.has(value.toLowerCase())) {
    return 'write true or false, without quotes'
  }
  const digits = value.replaceAll(/[_,\s]/g, '')
  const wantsNumber = expected === 'number' || expected === 'int'
  return wantsNumber && /^[+-]?\d+$/.test(digits) ? `write ${digits}, without quotes` : undefined
}

/** The words that an issue's schema allows, if it allows words. */
function wordsOf(issue: Issue): string[] | undefined {
  const values: readonly unknown[] =
    issue.code === 'invalid_value'
      ? issue.values
      : issue.code === 'invalid_union'
        ? [...('options' in issue ? (issue.options ?? []) : []), ...nestedWords(issue.errors)]
        : []
  const words = values.filter((word) => typeof word === 'string')
  return words.length === 0 ? undefined : words
}

function nestedWords(branches: readonly (readonly Issue[])[]): unknown[] {
  return branches.flat().flatMap((issue) => (issue.code === 'invalid_value' ? issue.values : []))
}

function hinted(text: string | undefined): { hint: string } | Record<string, never> {
  return text === undefined ? {} : { hint: text }
}
