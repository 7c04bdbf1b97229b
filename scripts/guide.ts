/**
 * Runs the commands of docs/guide, page by page, as a reader would: their output becomes what the page shows, and the pictures
 * that they write lie beside it. With --check it only says whether everything is what it would write.
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

const GUIDE = fileURLToPath(new URL('../docs/guide', import.meta.url))
const COMMAND = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url))
const SECONDS_MAX = 120
const CONSOLE = /^```console\n([^]*?)^```$/gm

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

/** What the guide would be: its files by name. */
function guideFiles(): Map<string, string> {
  const files = new Map<string, string>()
  const names = readdirSync(GUIDE)
  for (const name of names.filter((each) => each.endsWith('.md'))) {
    const folder = mkdtempSync(join(tmpdir(), 'mmgather-guide-'))
    for (const input of names.filter((each) => /\.(?:yaml|ts)$/.test(each)))
      copyFileSync(join(GUIDE, input), join(folder, input))
    files.set(name, renewed(readFileSync(join(GUIDE, name), 'utf8'), folder))
    for (const picture of readdirSync(folder).filter((each) => each.endsWith('.svg')))
      files.set(picture, readFileSync(join(folder, picture), 'utf8'))
    rmSync(folder, { recursive: true })
  }
  return files
}

function main(isCheck: boolean): number {
  const files = guideFiles()
  const left = readdirSync(GUIDE).filter((name) => name.endsWith('.svg') && !files.has(name))
  const differing = [...files].filter(([name, text]) => {
    const path = join(GUIDE, name)
    return !existsSync(path) || readFileSync(path, 'utf8') !== text
  })
  if (!isCheck) {
    for (const [name, text] of differing) writeFileSync(join(GUIDE, name), text)
    for (const name of left) rmSync(join(GUIDE, name))
    return 0
  }
  for (const [name] of differing) console.error(`docs/guide/${name} is not what its commands give`)
  for (const name of left) console.error(`docs/guide/${name} is made by no command`)
  if (differing.length + left.length === 0) return 0
  console.error('npm run check -- guide --update writes them; then read the pages again')
  return 1
}

process.exitCode = main(process.argv.includes('--check'))
