/**
 * A headless Chromium of this machine, as a child process that opens one address.
 *
 * Invariants: the browser ends when it is stopped, and also when the process that started it dies (it reads a pipe);
 * its profile lies in a folder of its own, which goes with it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'] as const

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--remote-debugging-pipe',
] as const

/** The browser's last words that an error repeats. */
const STDERR_CHARS_MAX = 2000

/** The program's path: `$CHROMIUM`, or the first known name in `$PATH`; undefined: there is none. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM']
  if (named !== undefined && named !== '') return named
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export class Chromium {
  /** Rejects when the browser ends before it is stopped. */
  readonly lost: Promise<never>
  readonly #folder = mkdtempSync(join(tmpdir(), 'mmgather-chromium-'))
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #isStopping = false
  #stderr = ''

  constructor(program: string, address: string) {
    this.#child = spawn(program, [...FLAGS, `--user-data-dir=${this.#folder}`, address], {
      // a group of its own, so that its helpers can be ended with it
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS_MAX)
    })
    const lost = Promise.withResolvers<never>()
    this.lost = lost.promise
    this.lost.catch(() => {})
    this.#exited = new Promise((exited) => {
      const end = (how: string): void => {
        if (!this.#isStopping) lost.reject(new Error(`${program} ${how}\n${this.#stderr}`))
        exited()
      }
      this.#child.once('error', (error) => end(`did not start: ${error.message}`))
      this.#child.once('close', (code, signal) => end(`ended early (${signal ?? code})`))
    })
  }

  /** To and from its DevTools protocol: JSON messages, each with a 0 byte behind it. */
  get devtools(): { to: Writable; from: Readable } {
    const [, , , to, from] = this.#child.stdio
    return { to: to as Writable, from: from as Readable }
  }

  /** Ends the browser with all its processes, and removes its folder. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#killGroup()
    await this.#exited
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }

  #killGroup(): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch (error) {
      // it is gone already
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
