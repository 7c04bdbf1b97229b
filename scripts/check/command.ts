/**
 * Runs a tool for a check: quiet when it succeeds, an error with all its output when it does not.
 */
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

import { ROOT } from '../setup/run.mjs'

type Options = { cwd?: string; seconds?: number }

/** Runs a command and returns its stdout; tools of node_modules/.bin, our Node among them, come first. */
export async function command(
  program: string,
  args: readonly string[],
  { cwd = ROOT, seconds = 180 }: Options = {},
): Promise<string> {
  const path = [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter)
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, PATH: path, NO_COLOR: '1', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let all = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    all += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    all += text
  })
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.on('error', reject)
  child.on('close', resolve)
  const code = await promise
  if (code === 0) return stdout
  const how = code === null ? `killed, or not done after ${seconds} s` : `exit code ${code}`
  throw new Error(`${program} ${args.join(' ')}: ${how}\n${all}`)
}
