/** How CPUs lie, from files as Linux has them under /sys/devices/system/cpu. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { readCpuTopology } from '../../src/calibrate/cpu-topology.ts'

interface FakeCpu {
  core: string
  socket: string
  cluster?: string
  lastLevel?: string
}

function fakeSys(cpus: readonly FakeCpu[]): string {
  const root = mkdtempSync(join(tmpdir(), 'mmgather-sys-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'online'), `0-${cpus.length - 1}\n`)
  cpus.forEach(({ core, socket, cluster, lastLevel }, i) => {
    const write = (file: string, text: string): void => {
      const path = join(root, `cpu${i}`, file)
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, `${text}\n`)
    }
    write('topology/core_cpus_list', core)
    write('topology/package_cpus_list', socket)
    if (cluster !== undefined) write('topology/cluster_cpus_list', cluster)
    write('cache/index0/level', '1')
    write('cache/index0/type', 'Data')
    write('cache/index0/shared_cpu_list', core)
    write('cache/index0/size', '32K')
    if (lastLevel === undefined) return
    write('cache/index3/level', '3')
    write('cache/index3/type', 'Unified')
    write('cache/index3/shared_cpu_list', lastLevel)
    write('cache/index3/size', '32M')
  })
  return root
}

test('two sockets with SMT whose caches span the socket: the siblings come last', () => {
  const sockets = ['0-1,4-5', '2-3,6-7']
  const cpus = [0, 1, 2, 3, 4, 5, 6, 7].map((cpu) => ({
    core: `${cpu % 4},${(cpu % 4) + 4}`,
    socket: sockets[(cpu % 4) >> 1] ?? '',
    lastLevel: sockets[(cpu % 4) >> 1] ?? '',
  }))
  const topology = readCpuTopology(fakeSys(cpus))
  expect(topology?.shape).toMatchObject({
    threadsPerCore: 2,
    coresPerCluster: 2,
    clustersPerSocket: 1,
    sockets: 2,
    numbering: 'siblings-last',
  })
  expect([0, 4, 1, 2, 7].map((cpu) => topology?.distance(0, cpu))).toEqual([0, 1, 2, 4, 4])
  expect(topology?.lastLevelBytes).toBe(32 * 2 ** 20)
})

test('one socket with two last-level caches: each is a cluster; siblings side by side', () => {
  const cpus = Array.from({ length: 8 }, (_, cpu) => {
    const first = cpu - (cpu % 2)
    const half = cpu < 4 ? '0-3' : '4-7'
    return { core: `${first}-${first + 1}`, socket: '0-7', lastLevel: half }
  })
  const topology = readCpuTopology(fakeSys(cpus))
  expect(topology?.shape).toMatchObject({
    threadsPerCore: 2,
    coresPerCluster: 2,
    clustersPerSocket: 2,
    sockets: 1,
    numbering: 'siblings-adjacent',
  })
  expect([1, 2, 4].map((cpu) => topology?.distance(0, cpu))).toEqual([1, 2, 3])
})

test("without a third cache the kernel's clusters count", () => {
  const cpus = Array.from({ length: 4 }, (_, cpu) => ({
    core: String(cpu),
    socket: '0-3',
    cluster: cpu < 2 ? '0-1' : '2-3',
  }))
  const topology = readCpuTopology(fakeSys(cpus))
  expect(topology?.shape).toMatchObject({
    threadsPerCore: 1,
    coresPerCluster: 2,
    clustersPerSocket: 2,
  })
})

test('a system that tells nothing has no topology', () => {
  expect(readCpuTopology('/nowhere')).toBeUndefined()
})
