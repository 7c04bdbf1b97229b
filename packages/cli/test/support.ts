/**
 * Runs the real command, as a user's shell would, and waits for its end.
 *
 * The built `dist/main.js` if everything is built as it stands, else the sources themselves: while
 * somebody edits, tests must not judge yesterday's build.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'

/** After so long a command is killed; other work may take most of the machine. */
export const LIMIT_MS = 90_000

vi.setConfig({ testTimeout: 120_000 })

const PACKAGES = fileURLToPath(new URL('../..', import.meta.url))
const DIST = join(PACKAGES, 'cli/dist/main.js')
const SOURCE = join(PACKAGES, 'cli/src/main.ts')

export const SCENARIOS: string = join(PACKAGES, '../scenarios')

const isBuilt: boolean = isDistNew()

/** What a user's `node` is given to run mmgather. */
export const COMMAND: readonly string[] = isBuilt
  ? [DIST]
  : ['--conditions=@mmgather/source', SOURCE]

export interface Result {
  code: number | null
  signal: string | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  env?: Record<string, string>
  /** Text for stdin; without it stdin is closed. */
  stdin?: string
  uid?: number
  /** Called with the running process. */
  onStart?: (child: ChildProcess) => void
}

export function mmgather(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    const { stdin, env, cwd = tmpdir(), uid, onStart } = options
    const child = spawn(process.execPath, [...COMMAND, ...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', COLUMNS: '80', ...env },
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.stdin?.end(stdin)
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
    onStart?.(child)
  })
}

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mmgather-cli-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Small enough that a run takes a fraction of a second. */
export const SMALL: readonly string[] = ['--pages', '600', '--runs', '2', '--warmup', '0']

/** Are the packages and the CPU thread bundled from what there is now? */
function isDistNew(): boolean {
  const bundles = ['core/dist/index.js', 'report/dist/index.js', 'workers/dist/cpu-worker.js']
  const built = Math.min(...bundles.map((file) => mtime(join(PACKAGES, file))), mtime(DIST))
  return ['core', 'workers', 'report', 'cli'].every((name) =>
    sourceFiles(join(PACKAGES, name, 'src')).every((file) => built >= mtime(file)),
  )
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

/** When the file was written; a file that is not there, never. */
function mtime(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
