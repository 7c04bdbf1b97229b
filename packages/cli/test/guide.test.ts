/**
 * Tests that docs/guide says what its commands print (that they print it, `npm run check -- guide` looks): each figure in its
 * sentences stands in an output, each picture is made by a command of its page, and is shown; flags and files exist.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mmgather } from './support.ts'

const GUIDE = new URL('../../../docs/guide/', import.meta.url)
const NAMES = readdirSync(GUIDE)
const PAGES = NAMES.filter((name) => name.endsWith('.md') && name !== 'README.md')
const read = (name: string): string => readFileSync(new URL(name, GUIDE), 'utf8')
const BLOCK = /^```console\n([^]*?)^```$/gm

/** Commands, a line each, and what they print. */
function commandsOf(page: string): { command: string; output: string }[] {
  return [...page.matchAll(BLOCK)]
    .flatMap(([, block = '']) => block.split(/^\$ /m).slice(1))
    .map((text) => {
      const [head = ''] = /^(?:.*\\\n)*.*\n/.exec(text) ?? []
      return { command: head.replaceAll(/\\\n\s*/g, ''), output: text.slice(head.length) }
    })
}

const OUTPUTS = PAGES.flatMap((name) => commandsOf(read(name)).map(({ output }) => output)).join(
  '\n',
)

test('there is a page for each question, and the index has all', () => {
  expect(PAGES.length).toBeGreaterThanOrEqual(6)
  const index = read('README.md')
  for (const name of PAGES) {
    const [title = ''] = read(name).split('\n')
    expect(index).toContain(`[${title.slice(2)}](${name})`)
  }
})

test.for(PAGES)('%s: its figures stand in an output', (name) => {
  const prose = read(name).replaceAll(/^```\w*\n[^]*?^```$/gm, '')
  const figures = [...prose.matchAll(/(?<![\w.])(\d[\d.,]*)\s(ns|µs|ms|%)(?!\w)/g)]
  const texts = figures.map(([, figure = '', unit]) => `${figure} ${unit}`)
  expect(texts.filter((text) => !OUTPUTS.includes(text))).toEqual([])
})

test('figures are looked for at all', () => {
  expect(read('ranges-at-order-3.md')).toMatch(/[^`] 94\.8 ns/)
  expect(OUTPUTS).not.toContain('94.7 ns')
})

test.for(PAGES)('%s: shows the pictures that it makes, and says where not to trust it', (name) => {
  const page = read(name)
  const made = commandsOf(page).flatMap(({ command }) => /-o (\S+\.svg)/.exec(command)?.[1] ?? [])
  const shown = [...page.matchAll(/!\[[^\]]+\]\(([^)]+\.svg)\)/g)].map(([, file]) => file)
  expect(shown).toEqual(made)
  // a counterexample is a table of steps
  expect(made.length > 0).toBe(name !== 'safe-interleavings.md')
  for (const file of made) expect(statSync(new URL(file, GUIDE)).size).toBeLessThan(60_000)
  expect(page).toMatch(/^## Where not to trust it\n\n- /m)
})

test.for([...PAGES, 'README.md'])('%s: its links lead somewhere', (name) => {
  const files = [...read(name).matchAll(/\]\((?!http)([^)#]+)(?:#[^)]*)?\)/g)].map(
    ([, file = '']) => file,
  )
  expect(files.filter((file) => !existsSync(new URL(file, GUIDE)))).toEqual([])
})

test('its flags exist', async () => {
  const help = new Map<string, string>()
  const unknown: string[] = []
  const commands = PAGES.flatMap((name) => commandsOf(read(name)))
  expect(commands.length).toBeGreaterThan(25)
  for (const { command } of commands) {
    const [, verb = '', rest = ''] = /^mmgather (\w+)(.*)/.exec(command) ?? []
    if (!help.has(verb)) help.set(verb, (await mmgather([verb, '--help'])).stdout)
    const [own = ''] = rest.split(' | ')
    for (const [, flag = ''] of own.matchAll(/ (--?[a-z][a-z-]*)/g))
      if (!new RegExp(`(^|[ ,])${flag}[ ,\n]`, 'm').test(help.get(verb) ?? ''))
        unknown.push(`${flag} in ${command}`)
  }
  expect(unknown).toEqual([])
})
