/**
 * Captures the memory of running processes as a scenario: the library behind `mmgather capture`.
 *
 * Reads procfs only; nothing is changed, stopped or traced. With the privilege to read page frames the folios are those
 * of the kernel, without it they are inferred; `notes` says which. Throws CaptureError and nothing else for what the
 * user can do something about.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ScenarioInput } from '@mmgather/core'
import { CaptureError } from './capture-error.ts'
import { type Assembled, assembleScenario, processName } from './captured-scenario.ts'
import { inferFolios } from './folio-infer.ts'
import { type FrameOddities, readFolios } from './folio-read.ts'
import type { FolioTable } from './folio-table.ts'
import { closeKpageFiles, openKpageFiles } from './kpage-files.ts'
import { notesOf } from './notes.ts'
import { type CaptureOptions, resolveOptions, type ResolvedOptions } from './options.ts'
import { cell, createPageRows, type PageRows, tooManyPages } from './page-rows.ts'
import { type ReadProcess, readProcess } from './process-read.ts'
import {
  cgroupPids,
  type ProcessStatus,
  readProcessStatus,
  residentPages,
} from './process-status.ts'
import { kbOf } from './vma-list.ts'

export interface CaptureStats {
  /** read: folios are the kernel's; inferred: made up from what every user may see. */
  folios: 'read' | 'inferred'
  processes: number
  vmas: number
  /** PTEs that map a page of the scenario, each of the 512 pages of a PMD counted. */
  presentPages: number
  /** Present pages that the scenario leaves out (zero page, special mappings). */
  leftOutPages: number
  swapEntries: number
  pmdMapped: number
  folioCount: number
  /** Folios that more than one captured process maps. */
  sharedFolios: number
  runs: number
}

export interface Capture {
  scenario: ScenarioInput
  /** What was read, inferred, left out and what changed; each starts with that word. */
  notes: string[]
  stats: CaptureStats
  /** For the head of the file. No date in an anonymised capture. */
  about: { kernel: string; date?: string }
}

interface Folios {
  table: FolioTable
  oddities: FrameOddities | undefined
}

export function captureProcesses(options: CaptureOptions): Capture {
  const resolved = resolveOptions(options)
  const { statuses, skipped } = findProcesses(resolved)
  const rows = createPageRows(resolved.maxPages)
  checkSize(resolved, statuses)
  const processes: ReadProcess[] = []
  let gone = skipped
  for (const status of statuses) {
    const start = rows.length
    const read = orSkip(status.named, () => readProcess(resolved.procRoot, status, rows))
    if (read !== undefined) processes.push(read)
    else {
      rows.length = start
      gone++
    }
  }
  if (processes.length === 0) throw nothingLeft(resolved)
  const folios = findFolios(resolved, rows, processes)
  const flagsRead = folios.oddities !== undefined
  const assembled = assembleScenario(resolved, rows, folios.table, flagsRead, processes)
  return {
    scenario: assembled.scenario,
    notes: notesOf({
      anonymize: resolved.anonymize,
      oddities: folios.oddities,
      memcgsRead: folios.table.cgroupInodes.length > 0,
      tally: assembled.tally,
      processes: processes.map((process, index) => ({
        name: processName(resolved, process, index),
        changed: process.changed,
        pagesBeyondSmaps: pagesBeyondSmaps(process, folios.table),
      })),
      skipped: gone,
    }),
    stats: statsOf(assembled, rows, folios, processes),
    about: aboutOf(resolved),
  }
}

/** Each process once, also if it was named by several of its threads. */
function findProcesses(options: ResolvedOptions): { statuses: ProcessStatus[]; skipped: number } {
  const listed = options.cgroup === undefined ? [] : cgroupPids(options, options.cgroup)
  const byPid = new Map<number, ProcessStatus>()
  let skipped = 0
  for (const pid of new Set([...options.pids, ...listed])) {
    const named = options.pids.includes(pid)
    const status = orSkip(named, () => readProcessStatus(options.procRoot, pid, named))
    if (status === undefined) skipped++
    else if (!byPid.has(status.pid)) byPid.set(status.pid, status)
  }
  if (byPid.size === 0) throw nothingLeft(options)
  return { statuses: [...byPid.values()], skipped }
}

/** A process that only the cgroup named may be gone or forbidden (then it counts among the others); one that the user named may not. */
function orSkip<T>(named: boolean, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    const skippable = error instanceof CaptureError && error.skippable
    if (skippable && !named) return undefined
    throw error
  }
}

function nothingLeft(options: ResolvedOptions): CaptureError {
  return new CaptureError({
    field: 'cgroup',
    value: options.cgroup ?? '',
    problem:
      'none of its processes could be captured: they are gone, have no memory or may not be read',
    allowed: 'a cgroup with running user processes that you may trace',
    wayOut: 'see cgroup.procs of the cgroup, or run the capture as root',
  })
}

/** Refuses before reading anything large. The kernel's own count is approximate, so page-rows.ts counts again. */
function checkSize(options: ResolvedOptions, statuses: ProcessStatus[]): void {
  let pages = 0
  for (const { pid } of statuses) pages += residentPages(options.procRoot, pid)
  if (pages > options.maxPages) throw tooManyPages(`about ${pages}`, options.maxPages)
}

/** Page frame numbers are 0 for whoever may not see them; then the flags of frames are of no use either. */
function findFolios(options: ResolvedOptions, rows: PageRows, processes: ReadProcess[]): Folios {
  let numbered = rows.length === 0
  for (let row = 0; row < rows.length && !numbered; row++) numbered = cell(rows.pfn, row) !== 0
  const files = numbered ? openKpageFiles(options.procRoot) : undefined
  if (files === undefined) return { table: inferFolios(rows, processes), oddities: undefined }
  try {
    return readFolios(rows, files)
  } finally {
    closeKpageFiles(files)
  }
}

/** What the scenario has more (or less) than smaps counted a moment earlier. */
function pagesBeyondSmaps(process: ReadProcess, table: FolioTable): number {
  let beyond = 0
  for (const { content, vma, from, to } of process.vmas) {
    if (content !== 'normal') continue
    beyond -= kbOf(vma, 'Rss') / 4
    for (let row = from; row < to; row++) if (cell(table.rowFolio, row) >= 0) beyond++
  }
  return beyond
}

function statsOf(
  { scenario, folios, tally }: Assembled,
  rows: PageRows,
  { table, oddities }: Folios,
  processes: ReadProcess[],
): CaptureStats {
  let leftOutPages = 0
  for (let row = 0; row < rows.length; row++) if (cell(table.rowFolio, row) < 0) leftOutPages++
  return {
    folios: oddities === undefined ? 'inferred' : 'read',
    processes: processes.length,
    vmas: scenario.processes.reduce((sum, { vmas = [] }) => sum + vmas.length, 0),
    presentPages: rows.length - leftOutPages,
    leftOutPages,
    swapEntries: tally.swapEntries,
    pmdMapped: tally.pmdMapped,
    folioCount: folios,
    sharedFolios: countShared(table, processes),
    runs: tally.runs,
  }
}

function countShared(table: FolioTable, processes: ReadProcess[]): number {
  const owner = new Int32Array(table.count).fill(-1)
  const shared = new Uint8Array(table.count)
  for (const [index, { vmas }] of processes.entries()) {
    for (const { from, to } of vmas) {
      for (let row = from; row < to; row++) {
        const folio = cell(table.rowFolio, row)
        if (folio < 0) continue
        if (owner[folio] === -1) owner[folio] = index
        else if (owner[folio] !== index) shared[folio] = 1
      }
    }
  }
  return shared.reduce((sum, flag) => sum + flag, 0)
}

function aboutOf({ procRoot, anonymize }: ResolvedOptions): Capture['about'] {
  let release = 'of unknown release'
  try {
    release = readFileSync(join(procRoot, 'sys/kernel/osrelease'), 'utf8').trim()
  } catch {
    // Not in every sandbox; the release is for people only.
  }
  // A vendor's suffix may name a host or a company.
  if (anonymize) return { kernel: /^\d+(\.\d+)*/.exec(release)?.[0] ?? 'of unknown release' }
  return { kernel: release, date: new Date().toISOString().slice(0, 10) }
}
