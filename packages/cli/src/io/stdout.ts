/**
 * Everything that goes to stdout, and what happens when it cannot: a reader that went away (`| head -1`) ends the
 * command quietly, any other failure is an error.
 */
import process from 'node:process'
import { EXIT_USAGE } from '../exit-code.ts'
import { systemErrorWords } from './system-error.ts'

const CHUNK = 2 ** 16

/** To be called once, before anything is written. */
export function guardStdout(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    const words = systemErrorWords(error) ?? error.message
    process.stderr.write(`error: stdout: ${words}\n`)
    process.exit(EXIT_USAGE)
  })
  // Nobody is left to tell.
  process.stderr.on('error', () => undefined)
}

/** Writes all parts; resolves when the system has taken them. */
export async function printParts(parts: Iterable<string>): Promise<void> {
  let pending = ''
  for (const part of parts) {
    pending += part
    if (pending.length >= CHUNK) {
      await write(pending)
      pending = ''
    }
  }
  await write(pending)
}

export async function printLines(lines: readonly string[]): Promise<void> {
  await write(lines.map((line) => `${line}\n`).join(''))
}

/** Never rejects: a failure ends the process, see guardStdout. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => {
      if (!error) resolve()
    })
  })
}
