/**
 * Tests of what goes wrong without the user's doing: what is missing is named, bugs ask to be reported.
 */
import { describe, expect, test } from 'vitest'
import { mmgather, type Result, SMALL } from './support.ts'

/** Runs the command after a program that breaks something. */
function sabotaged(program: string, args: readonly string[]): Promise<Result> {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(program)}`
  return mmgather(args, { env: { NODE_OPTIONS } })
}

describe('errors that are not about the input', () => {
  test('a bug asks to be reported, with the line that shows it', async () => {
    const program = `JSON.stringify = () => { throw new TypeError('broken on purpose') }`
    const { code, stdout, stderr } = await sabotaged(program, ['schema'])
    expect({ code, stdout }).toEqual({ code: 70, stdout: '' })
    expect(stderr.split('\n').slice(0, 5)).toEqual([
      'internal error: broken on purpose',
      'This is a bug of mmgather. Please report it with all of the following:',
      '  reproduce: mmgather schema',
      expect.stringMatching(/^ {2}mmgather \S+, Node \S+, \S+ \S+$/),
      '  TypeError: broken on purpose',
    ])
  })

  test('a bug that nobody waits for is reported all the same', async () => {
    const program = `setTimeout(() => { throw new TypeError('later') }, 10)`
    const { code, stderr } = await sabotaged(program, ['run', ...SMALL])
    expect(code).toBe(70)
    expect(stderr).toMatch(/^internal error: later\nThis is a bug of mmgather/)
  })

  test('too little memory is not called a bug', async () => {
    const program = `WebAssembly.Memory = class {
      constructor() { throw new RangeError('WebAssembly.Memory(): could not allocate memory') }
    }`
    const { code, stdout, stderr } = await sabotaged(program, ['run', ...SMALL])
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: memory: the system does not have what this scenario needs; ' +
        'use fewer processes, pages or CPUs\n',
    })
  })
})
