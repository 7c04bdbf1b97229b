/**
 * The small schemas that the scenario schema is made of: bounded integers, names, selections, addresses.
 *
 * Convention, relied on by `schema-issues.ts`: the error text of every schema says what is ALLOWED there and nothing
 * else; what is wrong follows from the issue's code (or from `params.what` of a custom issue).
 */
import * as z from 'zod'
import type { SelectionInput } from './input.ts'
import { ADDRESS_PAGES, INT32_MAX, MAX_PFNS, PAGE_BYTES } from './limits.ts'
import type { Selection } from './scenario.ts'

/** An integer from min to max. */
export function int(
  min: number,
  max: number,
  allowed = `an integer from ${min} to ${max}`,
): z.ZodInt {
  const error = (): string => allowed
  return z.int({ error }).min(min, { error }).max(max, { error })
}

/** One of these words. */
export function oneOf<const T extends string>(...words: T[]): z.ZodEnum<{ [K in T]: K }> {
  return z.enum(words, { error: () => `one of ${words.join(', ')}` })
}

/** true or false. */
export function flag(): z.ZodBoolean {
  return z.boolean({ error: () => 'true or false' })
}

/** A map with exactly these keys. */
export function map<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  const keys = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys.join(', ') : 'a map of keys'),
  })
}

/** A list of these, `min` to `max` of them. */
export function list<T extends z.core.SomeType>(item: T, min: number, max: number): z.ZodArray<T> {
  const error = (): string => `a list of ${min} to ${max} entries`
  return z.array(item, { error }).min(min, { error }).max(max, { error })
}

/** No control characters. Written without the u flag and its classes, which JSON Schema validators differ on. */
// oxlint-disable-next-line no-control-regex -- they are what this is about
const ONE_LINE = /^[^\u0000-\u001f\u007f-\u009f]*$/

/** One line of text of `min` to `max` characters. */
export function label(max: number, min = 0): z.ZodString {
  const error = (): string => `one line of text of ${min} to ${max} characters`
  return z.string({ error }).min(min, { error }).max(max, { error }).regex(ONE_LINE, { error })
}

/** Text of several lines. */
export function text(max: number): z.ZodString {
  const error = (): string => `text of at most ${max} characters`
  return z.string({ error }).max(max, { error })
}

/** A name that other keys refer to. */
export function name(): z.ZodString {
  const error = (): string => 'a name of 1 to 255 printing characters'
  return z.string({ error }).min(1, { error }).max(255, { error }).regex(ONE_LINE, { error })
}

/** A memcg's path. */
export function memcg(): z.ZodString {
  const error = (): string => 'root, or names of letters, digits, _ . - joined by /, as a/b'
  return z
    .string({ error })
    .max(1024, { error })
    .regex(/^(?!root\/)[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, { error })
}

/** A number of pages that is not 0. */
export function pages(): z.ZodInt {
  return int(1, MAX_PFNS)
}

/** References or mappings that come from outside the scenario. */
export function outside(): z.ZodInt {
  return int(0, 1_000_000)
}

/** How often something happens; 0: never. */
export function often(): z.ZodInt {
  return int(0, INT32_MAX)
}

/** Which elements are picked. */
export const selection: z.ZodType<Selection, SelectionInput> = z
  .union(
    [
      oneOf('none', 'all'),
      map({
        from: int(0, MAX_PFNS).default(0).describe('First index picked.'),
        every: int(1, MAX_PFNS).describe('Distance from one run of picked indexes to the next.'),
        length: int(1, MAX_PFNS).default(1).describe('Indexes picked in a row.'),
      }),
    ],
    { error: () => 'none, all or { from: 0, every: N, length: 1 }' },
  )
  .meta({ id: 'Selection' })

const ADDRESS_ALLOWED = `a multiple of ${PAGE_BYTES} below 0x${(ADDRESS_PAGES * PAGE_BYTES).toString(16)}, in bytes, as '0x7f0000000000'`

function addressToPages(value: string | number, issues: z.core.$ZodRawIssue[]): number {
  const bytes = Number(value)
  if (bytes % PAGE_BYTES === 0 && bytes < ADDRESS_PAGES * PAGE_BYTES) return bytes / PAGE_BYTES
  const what = bytes % PAGE_BYTES === 0 ? 'is not a user address' : 'is not on a page boundary'
  issues.push({
    code: 'custom',
    input: value,
    message: ADDRESS_ALLOWED,
    params: { what },
  })
  return 0
}

const addressError = (): string => ADDRESS_ALLOWED

/** A virtual address in bytes; parsed, the page that it starts. */
export const address: z.ZodType<number, string | number> = z
  .union(
    [
      z.string({ error: addressError }).regex(/^0x[0-9a-fA-F]{1,12}$/, { error: addressError }),
      int(0, (ADDRESS_PAGES - 1) * PAGE_BYTES, ADDRESS_ALLOWED).meta({ multipleOf: PAGE_BYTES }),
    ],
    { error: addressError },
  )
  .transform((value, ctx) => addressToPages(value, ctx.issues))
