/**
 * Tests of wrong usage: the exact text, nothing on stdout, exit code 2.
 */
import { describe, expect, test } from 'vitest'
import { mmgather } from './support.ts'

/** A command line, and the one line that it is answered with. */
type Case = readonly [line: string, error: string]

async function refused([line, error]: Case): Promise<void> {
  const args = line === '' ? [] : line.split(' ').map((word) => (word === "''" ? '' : word))
  const { code, stdout, stderr } = await mmgather(args)
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `error: ${error}\n` })
}

const CPUS = 'allowed an integer from 1 to 1024'

describe('numbers', () => {
  test.concurrent.for<Case>([
    ['run --cpus 0', `--cpus: is too small (got 0); ${CPUS}`],
    ['run --cpus -3', `--cpus: is too small (got -3); ${CPUS}`],
    ['run --cpus 1e3', `--cpus: must be an integer (got "1e3"); ${CPUS}; write 1000`],
    ['run --cpus 1_0', `--cpus: must be an integer (got "1_0"); ${CPUS}; write 10`],
    ['run --cpus 1.5', `--cpus: must be an integer (got "1.5"); ${CPUS}`],
    ['run --cpus 999999999999', `--cpus: is too large (got 999999999999); ${CPUS}`],
    ["run --cpus ''", `--cpus: must be an integer (got ""); ${CPUS}`],
    ['run --cpus=', `--cpus: must be an integer (got ""); ${CPUS}`],
    ['run --cpus abc', `--cpus: must be an integer (got "abc"); ${CPUS}`],
    ['run --cpus NaN', `--cpus: must be an integer (got "NaN"); ${CPUS}`],
    ['run --order 11', '--order: is too large (got 11); allowed an integer from 0 to 10'],
    ['run --pages 0', '--pages: is too small (got 0); allowed an integer from 1 to 16777216'],
    ['run --runs 0', '--runs: is too small (got 0); allowed an integer from 1 to 1000000'],
    ['run --seed -1', '--seed: is too small (got -1); allowed an integer from 0 to 2147483647'],
    ['capture --pid 0 -o -', '--pid: is too small (got 0); allowed an integer from 1 to 4194304'],
  ])('%s', refused)
})

describe('words', () => {
  test.concurrent.for<Case>([
    [
      'run --lock tikket',
      '--lock: is not one of the values (got "tikket"); allowed one of ttas, ticket, qspinlock; ' +
        'did you mean ticket?',
    ],
    [
      'run --mapped huge',
      '--mapped: is not one of the values (got "huge"); allowed one of pte, pmd',
    ],
    [
      'run --engine liv',
      '--engine: is not one of the values (got "liv"); allowed one of live, virtual; did you mean live?',
    ],
    [
      'run --strategy range-v',
      '--strategy: there is no such strategy (got "range-v"); ' +
        'allowed one of linux-6.1, linux-6.5, linux-6.5-laf, range-v1, range-v2, linux-6.9, linux-6.10, ' +
        'linux-6.12, linux-6.18, linux-6.18-npm, or a TypeScript file; did you mean range-v1?',
    ],
    ['run --strategy ./mine.ts', './mine.ts: there is no such file'],
    [
      'run exit-oder0',
      'SCENARIO: there is no such preset or file (got "exit-oder0"); did you mean exit-order0?',
    ],
    ['run zzz', 'SCENARIO: there is no such preset or file (got "zzz"); see mmgather scenarios'],
    ["run ''", 'SCENARIO: there is no such preset or file (got ""); see mmgather scenarios'],
    [
      'scenarios exit-order',
      'NAME: there is no such preset (got "exit-order"); did you mean exit-order0?',
    ],
  ])('%s', refused)
})

describe('commands and flags', () => {
  test.concurrent.for<Case>([
    ['rum', 'unknown command rum; did you mean run?; see mmgather --help'],
    ['help rum', 'unknown command rum; see mmgather --help'],
    ['--foo', 'unknown option --foo; see mmgather --help'],
    ['run --cpuz 3', 'unknown option --cpuz; did you mean --cpus?; see mmgather run --help'],
    ['run --json=1', 'unknown option --json=1; did you mean --json?; see mmgather run --help'],
    ['run --cpus', 'option --cpus <N> argument missing; see mmgather run --help'],
    [
      'run a b',
      'too many arguments for run. Expected 1 argument but got 2: a, b; see mmgather run --help',
    ],
    [
      'capture --pid 1',
      'required option -o, --out <FILE> not specified; see mmgather capture --help',
    ],
    [
      'capture -o -',
      'capture: nothing to capture; allowed --pid N, several of them, or --cgroup PATH',
    ],
  ])('%s', refused)
})

describe('flags that do not fit the scenario', () => {
  test.concurrent.for<Case>([
    [
      'run --mapped pmd',
      'exit-order0 --mapped pmd: processes[0].vmas[0].folios: mapped: pmd needs folios of order 9 only, ' +
        'here is order 0; allowed folios: [{ order: 9 }]',
    ],
    [
      'run kernel-build --pages 5',
      'kernel-build: --pages: needs exactly one anonymous VMA in each process, but processes[0] has ' +
        'vmas[0] file 4096, vmas[1] anon 1280, vmas[2] file 480, vmas[3] anon 64 (got 5); ' +
        'edit a file instead: mmgather scenarios NAME > my.yaml',
    ],
    [
      'run --order 1',
      'exit-order0 --order 1: processes[0].vmas[0].folios[0].order: anonymous folios of order 1 do not ' +
        'exist in linux-6.5-laf (the deferred split list lies in page[2]) (got 1); allowed 0, or 2 to 10',
    ],
  ])('%s', refused)
})

describe('flags of the other engine', () => {
  const VIRTUAL = 'is an option of the virtual engine; leave it out, or use --engine virtual'
  test.concurrent.for<Case>([
    ['run --profile altra-80', `--profile: ${VIRTUAL}`],
    ['run --jitter 0', `--jitter: ${VIRTUAL}`],
    ['run --functions', `--functions: ${VIRTUAL}`],
    ['run --stacks s.txt', `--stacks: ${VIRTUAL}`],
    ['run --time-max 5', `--time-max: ${VIRTUAL}`],
    ['run --events-max 5', `--events-max: ${VIRTUAL}`],
    [
      'run --engine virtual --warmup 0',
      '--warmup: is an option of the live engine; virtual time needs no warm-up; ' +
        'leave it out, or use --engine live',
    ],
    [
      'compare --strategies range-v1 --engine live --seeds 2',
      '--seeds: is an option of the virtual engine; live runs have --runs; ' +
        'leave it out, or use --engine virtual',
    ],
  ])('%s', refused)
})

describe('machine profiles', () => {
  const KNOWN =
    'allowed one of altra-80, apple-m2, epyc-zen4, skylake-104, xeon-4210r, host, or a file'
  test.concurrent.for<Case>([
    [
      'run --engine virtual --profile altra-8',
      `--profile: there is no such profile or file (got "altra-8"); ${KNOWN}; did you mean altra-80?`,
    ],
    [
      'compare --strategies range-v1 --profile ./no.json',
      './no.json: there is no such file or folder; ' +
        'allowed a profile file, or the name of a profile; see mmgather profiles',
    ],
  ])('%s', refused)
})

describe('strategies to compare', () => {
  const LIST = 'allowed different strategies, separated by commas; see mmgather strategies'
  test.concurrent.for<Case>([
    ['compare', 'required option --strategies <IDS> not specified; see mmgather compare --help'],
    [
      'compare --strategies linux-6.5,range-v',
      '--strategies: there is no such strategy (got "range-v"); ' +
        'allowed one of linux-6.1, linux-6.5, linux-6.5-laf, range-v1, range-v2, linux-6.9, linux-6.10, ' +
        'linux-6.12, linux-6.18, linux-6.18-npm, or a TypeScript file; did you mean range-v1?',
    ],
    [
      'compare --strategies range-v1,linux-6.5,range-v1',
      `--strategies: names range-v1 twice (got "range-v1,linux-6.5,range-v1"); ${LIST}`,
    ],
    [
      'compare --strategies range-v1,',
      `--strategies: has an empty name (got "range-v1,"); ${LIST}`,
    ],
    [
      'compare --strategies range-v1 --seeds 2 --runs 2',
      '--seeds: is the same as --runs, and both are given; leave one of them out',
    ],
    [
      'compare --strategies range-v1,linux-6.5 --order 1',
      'exit-order0 --strategy range-v1 --order 1: processes[0].vmas[0].folios[0].order: ' +
        'anonymous folios of order 1 do not exist in range-v1 ' +
        '(the deferred split list lies in page[2]) (got 1); allowed 0, or 2 to 10',
    ],
  ])('%s', refused)
})
