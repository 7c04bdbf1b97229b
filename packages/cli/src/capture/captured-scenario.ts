/**
 * Puts the scenario together: processes with their names, cgroups and addresses, and the folios they refer to.
 *
 * Invariants: folios that several processes map have one id, so that sharing needs no `share`; an anonymised scenario
 * holds no name, path, address or number that came from the captured system, except sizes and counts.
 */
import type { ProcessGroupInput, ScenarioInput, VmaInput } from '@mmgather/core'
import { compactAddresses, REGIONS_MAX, regionsOf } from './address-space.ts'
import { createCanonicalFolios, idOf } from './canonical-folios.ts'
import { capturedVmas, createVmaTally, type PlacedVma, type VmaTally } from './captured-vmas.ts'
import { cell, type PageRows } from './page-rows.ts'
import type { FolioTable } from './folio-table.ts'
import { createMemcgNames } from './memcg-names.ts'
import type { ResolvedOptions } from './options.ts'
import type { ReadProcess } from './process-read.ts'

const LABEL_MAX = 4096
const NAME_MAX = 200

export interface Assembled {
  scenario: ScenarioInput
  folios: number
  tally: VmaTally
}

export function assembleScenario(
  options: ResolvedOptions,
  rows: PageRows,
  table: FolioTable,
  flagsRead: boolean,
  processes: ReadProcess[],
): Assembled {
  const tally = createVmaTally()
  const canonical = createCanonicalFolios(table)
  const memcgs = createMemcgNames(
    options,
    processes.map(({ cgroupPath }) => cgroupPath),
  )
  const groups = processes.map((process, index): ProcessGroupInput => {
    const memcg = memcgs.ofPath(process.cgroupPath)
    const folioId = (folio: number): number => {
      const inode = table.cgroupInodes[cell(table.cgroup, folio)]
      return idOf(canonical, table, folio, inode === undefined ? memcg : memcgs.ofInode(inode))
    }
    const context = { rows, table, flagsRead, folioId, tally }
    const placed = process.vmas.flatMap((read) => capturedVmas(context, read))
    return {
      name: processName(options, process, index),
      memcg,
      vmas: place(options, placed, tally),
    }
  })
  const scenario: ScenarioInput = {
    schema: 'mmgather/scenario@1',
    name: scenarioName(options, processes),
    description: `Memory of ${processes.length === 1 ? 'a process' : `${processes.length} processes`}, captured while running.`,
    strategy: 'linux-6.5-laf',
    folios: canonical.groups,
    processes: groups,
  }
  return { scenario, folios: canonical.count, tally }
}

/** The name of a process in the scenario and in notes. */
export function processName(options: ResolvedOptions, process: ReadProcess, index: number): string {
  return options.anonymize ? `p${index}` : plainText(`${process.comm}-${process.pid}`, NAME_MAX)
}

function scenarioName(options: ResolvedOptions, processes: ReadProcess[]): string {
  if (options.anonymize) return 'captured'
  const commands = new Set(processes.map(({ comm }) => comm))
  return plainText(`captured ${[...commands].join(', ')}`, NAME_MAX)
}

function place(options: ResolvedOptions, placed: PlacedVma[], tally: VmaTally): VmaInput[] {
  const scattered = regionsOf(placed) > REGIONS_MAX
  if (scattered) tally.scattered++
  const moved = options.anonymize || scattered
  const firsts = moved ? compactAddresses(placed) : placed.map(({ first }) => first)
  return placed.map(({ vma, label }, index) => {
    const start = `0x${(firsts[index] ?? 0).toString(16)}000`
    const text = options.anonymize ? `vma${index}` : plainText(label, LABEL_MAX)
    const { kind, pages, ...rest } = vma
    // Assembled anew for the order of keys in the file: what it is first, its contents last.
    const named = { kind, start, pages, ...(text === '' ? {} : { label: text }), ...rest }
    return named as VmaInput
  })
}

/** File names may hold anything but a slash; names and labels of a scenario are one line of printing characters. */
function plainText(text: string, max: number): string {
  return text.replaceAll(/\p{Cc}/gu, '?').slice(0, max)
}
