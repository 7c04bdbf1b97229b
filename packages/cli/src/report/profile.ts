/**
 * A machine profile for people: every figure with its source, at 80 columns.
 */
import { CYCLE_TEXTS, cpusOf, type MachineProfile, type ProfileTopology } from '@mmgather/core'
import { countText } from './units.ts'
import { wrapWords } from './wrap.ts'

const KEY_WIDTH = 16
const VALUE_WIDTH = 7
const TEXT_INDENT = ' '.repeat(KEY_WIDTH + VALUE_WIDTH + 2)

export function profileLines(profile: MachineProfile): string[] {
  const { name, title, description, mhz, topology, cycles } = profile
  return [
    `${name}: ${title}`,
    '',
    ...wrapWords(description, '', ''),
    '',
    ...figure('MHz', mhz.value, mhz.source),
    ...figure('CPUs', cpusOf(profile), `${topologyText(topology)}; ${topology.source}`),
    '',
    'CYCLES',
    ...CYCLE_TEXTS.flatMap(([key, about]) => [
      ...figure(key, cycles[key].value, about),
      ...wrapWords(cycles[key].source, TEXT_INDENT, TEXT_INDENT),
    ]),
  ]
}

function figure(key: string, value: number, text: string): string[] {
  const head = `${key.padEnd(KEY_WIDTH)}${countText(value).padStart(VALUE_WIDTH)}  `
  return wrapWords(text, head, TEXT_INDENT)
}

export function topologyText(topology: ProfileTopology): string {
  const { threadsPerCore, coresPerCluster, clustersPerSocket, sockets, numbering } = topology
  const parts = [
    count(sockets, 'socket'),
    `${count(clustersPerSocket, 'cluster')} each`,
    `${count(coresPerCluster, 'core')} each`,
    threadsPerCore === 1 ? 'no SMT' : `${threadsPerCore} threads each, ${numbering}`,
  ]
  return parts.join(', ')
}

function count(n: number, what: string): string {
  return `${countText(n)} ${what}${n === 1 ? '' : 's'}`
}
