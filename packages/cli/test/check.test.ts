/**
 * Tests of check and replay: verdicts, exit codes, tokens, documents.
 */
import { readFileSync } from 'node:fs'
import {
  CHECK_SCHEDULERS,
  CHECK_WORLDS,
  checkWorldScenario,
  counterexamplesOf,
  findCheckWorld,
  scenarioToInput,
  scenarioToText,
  type CheckReport,
  type Counterexample,
} from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { SCHEDULERS } from '../src/commands/check.ts'
import { mmgather } from './support.ts'

const TOKEN = 'mmg1:range-v1:rmap-once:0x10:pmd-then-pte'

describe('check', () => {
  test('says that everything was explored', async () => {
    const { code, stdout, stderr } = await mmgather([
      'check',
      'shared-order0',
      '--strategy',
      'range-v1',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [verdict, counts] = stdout.split('\n')
    expect(verdict).toBe('shared-order0 range-v1: exhaustive: 4 executions')
    expect(counts).toMatch(/^ {2}4 different results, 0 executions given up, \d+ steps, /)
  })

  test('a finding is told, with its token, and is no failure', async () => {
    const { code, stdout } = await mmgather(['check', 'pmd-then-pte', '--strategy', 'range-v1'])
    expect(code).toBe(0)
    expect(stdout).toContain('broken: rmap-once, at execution 1 (a finding: docs/findings.md)')
    expect(stdout).toContain(`mmgather replay ${TOKEN}`)
  })

  test('the same in a scenario of a user is a failure', async () => {
    const world = findCheckWorld('pmd-then-pte')
    if (world === undefined) throw new Error('no world')
    const input = scenarioToInput(checkWorldScenario(world, 'range-v1'))
    const { code, stdout } = await mmgather(['check', '-'], { stdin: scenarioToText(input) })
    expect(code).toBe(3)
    const token = /mmgather replay (\S+)/.exec(stdout)?.[1] ?? ''
    expect(token).toMatch(/^mmg1:range-v1:rmap-once:0x10:~/)
    const replayed = await mmgather(['replay', token])
    expect(replayed.code).toBe(3)
    expect(replayed.stdout).toContain('rmap-once: CPU 0 releases the ptl')
  })

  test('threads find what one finds', async () => {
    const [one, two] = await Promise.all(
      ['1', '2'].map((jobs) =>
        mmgather(['check', 'partial-munmap', '--strategy', 'range-v1', '--json', '--jobs', jobs]),
      ),
    )
    const reports = [one, two].map((each) => JSON.parse(each?.stdout ?? '') as CheckReport)
    expect(reports[0]?.verdict).toEqual({ kind: 'exhaustive', executions: 160 })
    expect(reports[1]?.verdict).toEqual(reports[0]?.verdict)
    expect(reports[1]?.outcomes).toBe(reports[0]?.outcomes)
  })

  test('a bound that ends it has an exit code of its own', async () => {
    const { code, stdout } = await mmgather([
      'check',
      'shared-order3',
      '--strategy',
      'range-v1',
      '--executions',
      '10',
    ])
    expect(code).toBe(5)
    expect(stdout).toMatch(/bounded: the number of executions, 10 executions, at least \d+ left/)
  })

  test('a strategy file is checked', async () => {
    const file = new URL('fixtures/strategies/own-id.ts', import.meta.url).pathname
    expect(readFileSync(file, 'utf8')).toContain('Strategy')
    const { code, stdout } = await mmgather(['check', 'shared-order0', '--strategy', file])
    expect(code).toBe(0)
    expect(stdout).toContain('exhaustive: 4 executions')
  })

  test('every rule that breaks is told, on several threads the same', async () => {
    const file = new URL('fixtures/strategies/leak.ts', import.meta.url).pathname
    const args = ['check', 'shared-order2', '--strategy', file, '--all-rules']
    const { code, stdout } = await mmgather(args)
    expect(code).toBe(3)
    expect(stdout.split('\n')[0]).toBe(
      'shared-order2 leak: broken: refcount-high, pages-conserved, folios-conserved (exhaustive: 16 executions)',
    )
    const tokens = [...stdout.matchAll(/mmgather replay (\S+)/g)].map((match) => match[1] ?? '')
    expect(tokens).toHaveLength(3)
    const replayed = await mmgather(['replay', tokens[2] ?? '', '--strategy', file])
    expect(replayed.code).toBe(3)
    expect(replayed.stdout).toMatch(/^folios-conserved: /m)

    const shared = await mmgather([...args, '--json', '--jobs', '2'])
    expect(shared.code).toBe(3)
    const report = JSON.parse(shared.stdout) as CheckReport
    expect(report.verdict).toMatchObject({ executions: 16 })
    expect(counterexamplesOf(report).map(({ token }) => token)).toEqual(tokens)
  })

  test('a finding among several rules is marked, and with it alone the exit code is 0', async () => {
    const { code, stdout } = await mmgather([
      'check',
      'split-beside-removal',
      '--strategy',
      'linux-6.5',
      '--all-rules',
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(/broken: vmstat \(exhaustive: .*\) \(a finding: docs\/findings.md\)$/m)
  })

  test('lists worlds and rules', async () => {
    const { stdout } = await mmgather(['check', '--list'])
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(CHECK_WORLDS.map(({ name }) => name))
    const rules = await mmgather(['check', '--rules'])
    expect(rules.stdout).toMatch(/^free-before-flush +H-1 /m)
  })

  test('refuses what it cannot check', async () => {
    expect(await mmgather(['check'])).toMatchObject({
      code: 2,
      stderr:
        'error: WORLD: is missing; name one (see mmgather check --list), or use --all or --generate\n',
    })
    expect((await mmgather(['check', 'exit-order0', '--cpus'])).code).toBe(2)
  })

  test('the schedulers are those of core', () => {
    expect(SCHEDULERS).toEqual(CHECK_SCHEDULERS)
  })
})

describe('replay', () => {
  test('prints the execution and the rule that breaks', async () => {
    const { code, stdout } = await mmgather(['replay', TOKEN])
    expect(code).toBe(3)
    expect(stdout).toContain('clears the entry of folio A page 1')
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^rmap-once: /)
  })

  test('step by step', async () => {
    const { code, stdout } = await mmgather(['replay', TOKEN, '--step'], { stdin: '\n\nq\n' })
    expect(code).toBe(3)
    expect(stdout.match(/^\d+ {2}CPU 0 {2}/gm)).toHaveLength(3)
    expect(stdout).toContain('zapHugePmd < ')
  })

  test('as data', async () => {
    const { stdout } = await mmgather(['replay', TOKEN, '--json'])
    const told = JSON.parse(stdout) as Counterexample
    expect(told).toMatchObject({ rule: 'rmap-once', cpus: 1, contextSwitches: 0 })
    expect(told.steps).toHaveLength(10)
  })

  test('refuses what is no token', async () => {
    const { code, stderr } = await mmgather(['replay', 'mmg1:linux-6.5:r:7:shared-order0'])
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^error: TOKEN: the schedule does not fit: at step 0, CPU 7 cannot go on/,
    )
    expect((await mmgather(['replay', 'nonsense'])).code).toBe(2)
  })
})
