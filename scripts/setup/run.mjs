/**
 * Starts the programs of a set-up, and says where they are.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** The project's own Node, an npm package. */
export const NODE = join(ROOT, 'node_modules/node/bin/node')

/** A failure that is told in one message, without a stack. */
export class SetupError extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

export function bin(name) {
  return join(ROOT, 'node_modules/.bin', name)
}

/**
 * Runs a program to its end with our own stdio; resolves to its exit code, 128 + n for signal n.
 *
 * Ctrl-C on a terminal reaches the child by itself, since it is in our process group; a signal sent to
 * us alone is passed on, once however many processes above us pass it on too.
 */
export function run(command, args, { cwd = ROOT, env = {}, stdout = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['inherit', stdout, 'inherit'],
    })
    let passedOnAt = -Infinity
    const passOn = (signal) => {
      const fromTerminal = signal === 'SIGINT' && process.stdin.isTTY
      if (fromTerminal || performance.now() - passedOnAt < 1000) return
      passedOnAt = performance.now()
      child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, passOn)
    const done = (settle) => {
      for (const signal of signals) process.off(signal, passOn)
      settle()
    }
    child.on('error', (error) =>
      done(() => reject(new SetupError(`cannot start ${command}: ${error.message}`))),
    )
    child.on('exit', (code, signal) => done(() => resolve(code ?? 128 + constants.signals[signal])))
  })
}

/** Runs one step of a set-up, its output on stderr, so that stdout stays the job's alone. */
export async function step(what, command, args, { hint = '', ...options } = {}) {
  process.stderr.write(`set-up: ${what}\n`)
  const code = await run(command, args, { ...options, stdout: process.stderr })
  if (code === 0) return
  if (code > 128) throw new SetupError('set-up: interrupted', code)
  throw new SetupError(`set-up: failed (exit code ${code}): ${what}${hint && `\n${hint}`}`)
}
