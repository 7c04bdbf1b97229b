/**
 * Tests that README.md is true: what its examples print, and that it has every flag.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather } from './support.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** Their figures, and so some of their lines, follow from a cost model that may be mended. */
const VIRTUAL = 'mmgather run exit-order3 --engine virtual --cpus 4 --processes 4 --pages 4096'
const COMPARE = 'mmgather compare exit-order3 --strategies linux-6.5-laf,range-v1 --pages 4096'

interface Example {
  line: string
  output: string
}

/** The commands of the README that are shown with what they print. */
const EXAMPLES: Example[] = [...README.matchAll(/^```console\n([^]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split(/^\$ /m).slice(1))
  .map((text) => ({
    line: text.slice(0, text.indexOf('\n')),
    output: text.slice(text.indexOf('\n') + 1),
  }))
  .filter(({ output }) => output !== '')

/** Without what differs from run to run: figures, and where the threads were. */
function lasting(text: string): string {
  return text
    .replace(/^engine .*$/m, 'engine')
    .replaceAll(/^warning: .*\n\n?/gm, '')
    .replaceAll(/ +(?:[\d.,]+( [a-zµ]+)?|-)(?= |$)/gim, ' N')
}

/** The head of a report in full, and the titles of its sections with their columns. */
function titles(text: string): string {
  const [head = '', ...sections] = text.split('\n\n')
  return [head, ...sections.map((section) => section.split('\n')[0])]
    .join('\n')
    .replaceAll(/ +/g, ' ')
    .replace(/^\d+ figures/m, 'N figures')
}

/** What is compared of examples that do not print the same for ever. */
const SHOWN: Record<string, (text: string) => string> = {
  'mmgather run': lasting,
  [VIRTUAL]: titles,
  [COMPARE]: titles,
}

describe('the examples of README.md', () => {
  test('are these', () => {
    expect(EXAMPLES.map(({ line }) => line)).toEqual([
      'mmgather run',
      VIRTUAL,
      COMPARE,
      'mmgather scenarios',
      'mmgather scenarios exit-order3',
      'mmgather strategies',
      'mmgather validate --kernel 6.12 --workload W0/munmap_untouched',
      'mmgather profiles',
      'mmgather run --lock tikket',
      'mmgather run --order 11',
      'mmgather run exit-oder0',
      'mmgather run --pages 16777216',
    ])
  })

  test.for(EXAMPLES.map(({ line, output }) => [line, output] as const))(
    '%s prints what is shown',
    async ([line, output]) => {
      const { stdout, stderr } = await mmgather(line.split(' ').slice(1), {
        env: { XDG_CONFIG_HOME: emptyFolder() },
      })
      const printed = stdout + stderr
      const shown = SHOWN[line] ?? ((text: string) => text)
      expect(shown(printed)).toBe(shown(output))
    },
  )
})

describe('the tables of README.md', () => {
  test.for(['run', 'compare', 'check', 'sweep', 'report', 'capture', 'validate'])(
    'have every flag of %s',
    async (command) => {
      const { stdout } = await mmgather([command, '--help'])
      const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(
        ([, flag = '']) => flag,
      )
      expect(flags.length).toBeGreaterThan(2)
      const rows = README.split('\n').filter((line) => line.startsWith('| `-'))
      for (const flag of flags.filter((one) => one !== '--help')) {
        expect(rows.some((row) => new RegExp(`${flag}[ \`]`).test(row))).toBe(true)
      }
    },
  )
})
