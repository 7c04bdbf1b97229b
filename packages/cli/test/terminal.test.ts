/**
 * Tests on a pseudo-terminal: colours, and a progress bar only for what takes long.
 */
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { shellCommand } from '../src/shell.ts'
import { COMMAND, LIMIT_MS, SMALL } from './support.ts'

/** Part of util-linux: runs a command on a pseudo-terminal. */
const SCRIPT: string = 'script'
const hasTerminal = spawnSync(SCRIPT, ['--version'], { stdio: 'ignore' }).status === 0

/** What the command writes to a terminal of 80 columns, or of none at all, which some report. */
function onTerminal(command: readonly string[], columns: 0 | 80, env = {}): string {
  const inherited = Object.entries(process.env).filter(([key]) => key !== 'NO_COLOR')
  const line = `stty cols ${columns}; ${shellCommand(command)}`
  const { stdout } = spawnSync(SCRIPT, ['-qec', line, '/dev/null'], {
    encoding: 'utf8',
    env: { ...Object.fromEntries(inherited), TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  })
  return stdout
}

describe.skipIf(!hasTerminal)('on a terminal', () => {
  const short = [process.execPath, ...COMMAND, 'run', ...SMALL]
  const endless = [process.execPath, ...COMMAND, 'run', 'exit-one-order0', '--runs', '100000']

  test('headings are bold, unless NO_COLOR is set', () => {
    expect(onTerminal(short, 80)).toContain('\u001b[1mCOUNTS')
    expect(onTerminal(short, 80, { NO_COLOR: '1' })).not.toContain('\u001b[1m')
  })

  test('a run of seconds shows its progress, even if there are no columns', () => {
    const text = onTerminal(['timeout', '--foreground', '-s', 'INT', '5', ...endless], 0)
    expect(text).toMatch(/\[[=-]{40}\] \d+% run [\d,]+ of 100,?000/)
  })
})
