/**
 * An anonymised capture tells nothing about the system but sizes and counts.
 */
import { expect, test } from 'vitest'
import { captureToYaml } from '../../src/capture/scenario-yaml.ts'
import { entriesOf, fakeProc, folioFrames } from './fake-proc.ts'
import { capture, vmasOf } from './support.ts'

const ANON = ['anon', 'swapbacked', 'lru']

const secret = () =>
  fakeProc({
    processes: [
      {
        pid: 4242,
        comm: 'payroll',
        cgroup: '/acme/payroll',
        // Differs from smaps, so that there is a note about what changed.
        maps: '55ed12345000-55ed12346000 rw-p 00000000 00:00 0 /opt/acme/payroll\n',
        vmas: [
          {
            first: 0x55ed12345,
            pages: 4,
            path: '/opt/acme/payroll',
            entries: entriesOf(0, 0xabcde, 2),
          },
          {
            first: 0x7f6543210,
            pages: 1024,
            path: '[heap]',
            entries: entriesOf(496, 0xabe00, 512),
            kb: { AnonHugePages: 2048 },
          },
        ],
      },
    ],
    frames: [
      ...folioFrames(0xabcde, 0, ANON),
      ...folioFrames(0xabcdf, 0, ANON),
      ...folioFrames(0xabe00, 9, ANON),
    ],
  })

test('holds no name, path, address, frame number, host or date', () => {
  const text = captureToYaml(capture({ pids: [4242], anonymize: true, ...secret() }))
  for (const trace of [
    /acme/,
    /payroll/,
    /heap/,
    /4242/,
    /55ed/,
    /7f65/,
    /abcde/,
    /host7/,
    /20\d\d-/,
  ]) {
    expect(text).not.toMatch(trace)
  }
  expect(text).toContain('# Captured from Linux 6.99.1.\n')
})

test('has the contents of the plain one, at other addresses', () => {
  const roots = secret()
  const plain = capture({ pids: [4242], ...roots })
  const captured = capture({ pids: [4242], anonymize: true, ...roots })
  expect(captured.stats).toEqual(plain.stats)
  expect(vmasOf(captured).map(({ runs }) => runs)).toEqual(vmasOf(plain).map(({ runs }) => runs))
  expect(vmasOf(captured)).toMatchObject([
    { start: '0x8040345000', label: 'vma0' },
    { start: '0x18040210000', label: 'vma1', runs: [{ at: 496, mapped: 'pmd' }] },
  ])
  expect(captured.scenario).toMatchObject({
    name: 'captured',
    processes: [{ name: 'p0', memcg: 'm1/m2' }],
  })
})

test('is the plain one that names release, paths and the day', () => {
  const text = captureToYaml(capture({ pids: [4242], ...secret() }))
  expect(text).toMatch(/^# Captured from Linux 6\.99\.1-acme-host7 on \d{4}-\d\d-\d\d\.\n/)
  expect(text).toContain('label: /opt/acme/payroll')
  expect(text).toContain('name: payroll-4242')
})
