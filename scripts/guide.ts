/**
 * Runs the commands of docs/guide, page by page, as a reader would: their output becomes what the page shows, and the pictures
 * that they write lie beside it. Does the same to single examples of other documents. With --check it only says whether
 * everything is what it would write.
 *
 * Owns what a command of a page is: a line that begins with `$ ` in a block of `console`, with the lines that it continues on.
 * What follows it is its output; a last line `...` stands for the rest.
 */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const GUIDE = join(ROOT, 'docs/guide')
const COMMAND = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url))
const SECONDS_MAX = 120
const CONSOLE = /^```console\n([^]*?)^```$/gm

/** Examples in other documents, of virtual time: the same everywhere, as long as costs stay. `before` makes what they read. */
const EXAMPLES = [
  {
    file: 'packages/cli/README.md',
    command: 'mmgather run exit-order3 --engine virtual --cpus 4 --processes 4 --pages 4096',
  },
  {
    file: 'packages/cli/README.md',
    command: 'mmgather compare exit-order3 --strategies linux-6.5-laf,range-v1 --pages 4096',
  },
  {
    file: 'docs/sweeps.md',
    command: 'mmgather report scm.jsonl',
    before:
      'mmgather sweep exit-order0 --pages 512 --axis cpus+processes=1,2,4..64 --axis swapClusterMax=8,32,128 -o scm.jsonl -q',
  },
] as const

/** The page with the output of its commands as they give it in `folder`. */
function renewed(page: string, folder: string): string {
  return page.replaceAll(CONSOLE, (_, block: string) => {
    const commands = block.split(/^(?=\$ )/m)
    return `\`\`\`console\n${commands.map((each) => withOutput(each, folder)).join('')}\`\`\``
  })
}

function withOutput(text: string, folder: string): string {
  const [, command = '', shown = ''] = /^\$ ((?:.*\\\n)*.*\n)([^]*)$/.exec(text) ?? []
  const output = outputOf(command, folder)
  if (!shown.endsWith('\n...\n')) return `$ ${command}${output}`
  const lines = shown.split('\n').length - 2
  return `$ ${command}${output.split('\n').slice(0, lines).join('\n')}\n...\n`
}

/** What the shell prints. A counterexample's exit code is 3, so a code alone is no failure: the output says what happened. */
function outputOf(command: string, folder: string): string {
  const script = `mmgather() { "${process.execPath}" "${COMMAND}" "$@"; }\n${command}`
  try {
    return execFileSync('sh', ['-c', `${script} 2>&1`], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], COLUMNS: '80', NO_COLOR: '1' },
      timeout: SECONDS_MAX * 1000,
    })
  } catch (error) {
    const { stdout, signal } = error as { stdout?: string; signal?: string | null }
    if (stdout === undefined || signal !== null) throw error
    return stdout
  }
}

/** The documents of EXAMPLES, with what their commands print now. */
function addExamples(files: Map<string, string>): void {
  for (const { file, command, ...more } of EXAMPLES) {
    const folder = mkdtempSync(join(tmpdir(), 'mmgather-example-'))
    if ('before' in more) outputOf(more.before, folder)
    const page = files.get(file) ?? readFileSync(join(ROOT, file), 'utf8')
    const at = page.indexOf(`\n$ ${command}\n`)
    if (at < 0) throw new Error(`${file} has no example ${command}`)
    const from = at + command.length + 4
    const to = page.indexOf('```\n', from)
    files.set(file, `${page.slice(0, from)}${outputOf(command, folder)}${page.slice(to)}`)
    rmSync(folder, { recursive: true })
  }
}

/** What the documents would be, by path from the root. */
function documents(): Map<string, string> {
  const files = new Map<string, string>()
  const names = readdirSync(GUIDE)
  for (const name of names.filter((each) => each.endsWith('.md'))) {
    const folder = mkdtempSync(join(tmpdir(), 'mmgather-guide-'))
    for (const input of names.filter((each) => /\.(?:yaml|ts)$/.test(each)))
      copyFileSync(join(GUIDE, input), join(folder, input))
    files.set(`docs/guide/${name}`, renewed(readFileSync(join(GUIDE, name), 'utf8'), folder))
    for (const picture of readdirSync(folder).filter((each) => each.endsWith('.svg')))
      files.set(`docs/guide/${picture}`, readFileSync(join(folder, picture), 'utf8'))
    rmSync(folder, { recursive: true })
  }
  addExamples(files)
  return files
}

function main(isCheck: boolean): number {
  const files = documents()
  const left = readdirSync(GUIDE)
    .map((name) => `docs/guide/${name}`)
    .filter((file) => file.endsWith('.svg') && !files.has(file))
  const differing = [...files].filter(([file, text]) => {
    const path = join(ROOT, file)
    return !existsSync(path) || readFileSync(path, 'utf8') !== text
  })
  if (!isCheck) {
    for (const [file, text] of differing) writeFileSync(join(ROOT, file), text)
    for (const file of left) rmSync(join(ROOT, file))
    return 0
  }
  for (const [file] of differing) console.error(`${file} does not show what its commands give`)
  for (const file of left) console.error(`${file} is made by no command`)
  if (differing.length + left.length === 0) return 0
  console.error('npm run check -- guide --update writes them; then read the pages again')
  return 1
}

process.exitCode = main(process.argv.includes('--check'))
