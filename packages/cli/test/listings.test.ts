/**
 * Tests of what is listed and printed: presets, strategies, the schema.
 */
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { parseScenarioText, presets, presetScenario, STRATEGIES } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { COMMAND, mmgather } from './support.ts'

describe('scenarios', () => {
  test('lists every preset on a line of at most 80 columns', async () => {
    const { code, stdout, stderr } = await mmgather(['scenarios'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toEqual(presets.map(({ name }) => name))
    for (const [i, line] of lines.entries()) {
      expect(line.length).toBeLessThanOrEqual(80)
      expect(line.endsWith(`  ${presets[i]?.summary}`)).toBe(true)
    }
  })

  test('prints a preset as a file that is the preset', async () => {
    const { code, stdout, stderr } = await mmgather(['scenarios', 'kernel-build'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^# 80 short-lived compiler processes, taken from a queue\nschema: /)
    expect(parseScenarioText(stdout)).toEqual(presetScenario('kernel-build'))
  })

  test('ends quietly when its reader goes away', async () => {
    const result = await mmgather(['schema'], { onStart: (child) => child.stdout?.destroy() })
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  })
})

test('strategies lists every strategy on a line of at most 80 columns', async () => {
  const { code, stdout } = await mmgather(['strategies'])
  const lines = stdout.trimEnd().split('\n')
  expect(code).toBe(0)
  expect(lines.map((line) => line.split(' ')[0])).toEqual(STRATEGIES.map((s) => s.strategy.id))
  expect(lines.every((line) => line.length <= 80)).toBe(true)
})

test('schema prints one JSON document, a JSON Schema', async () => {
  const { code, stdout, stderr } = await mmgather(['schema'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const schema = JSON.parse(stdout) as Record<string, unknown>
  expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema')
  expect(schema['required']).toEqual(expect.arrayContaining(['schema', 'processes']))
})

test('a full disk under stdout is an error', () => {
  const command = [process.execPath, ...COMMAND, 'schema']
  const { status, stderr } = spawnSync('/bin/sh', ['-c', '"$@" > /dev/full', 'sh', ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const text = 'error: stdout: no space left on the device\n'
  expect({ status, stderr }).toEqual({ status: 2, stderr: text })
})
