/**
 * /proc/kpageflags, /proc/kpagecount and /proc/kpagecgroup: 64 bits for every page frame of the machine.
 *
 * Owns the files' format and the names of the flag bits (include/uapi/linux/kernel-page-flags.h). A window is read over
 * whole aligned blocks of 1,024 frames: no folio crosses one (MAX_ORDER is 10), so that the head of any mapped page and
 * all of its tails are in the window too.
 */
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { readFully } from './proc-files.ts'

/** Flags in the lower half of an entry. */
export const KPF = {
  REFERENCED: 1 << 2,
  DIRTY: 1 << 4,
  LRU: 1 << 5,
  ACTIVE: 1 << 6,
  ANON: 1 << 12,
  SWAPCACHE: 1 << 13,
  SWAPBACKED: 1 << 14,
  HEAD: 1 << 15,
  TAIL: 1 << 16,
  HUGETLB: 1 << 17,
  NOPAGE: 1 << 20,
  KSM: 1 << 21,
  ZERO_PAGE: 1 << 24,
} as const

/** PG_mlocked, bit 33: in the upper half of an entry. */
export const KPF_HIGH_MLOCKED: number = 1 << 1

export const BLOCK_FRAMES = 1024

/** 1 MiB of each file at a time. */
export const WINDOW_FRAMES: number = 128 * BLOCK_FRAMES

const ENTRY_BYTES = 8

export interface KpageFiles {
  flagsFd: number
  countFd: number
  /** Absent where the kernel has no memory cgroups. */
  cgroupFd: number | undefined
}

export interface KpageWindow {
  /** First frame, and how many were read. */
  base: number
  frames: number
  /** Two words per frame, lower half first. */
  flags: Uint32Array
  count: Uint32Array
  cgroup: Uint32Array
}

/** Opens what can be opened; undefined without the privilege to read flags and counts. */
export function openKpageFiles(procRoot: string): KpageFiles | undefined {
  const flagsFd = openIfAllowed(procRoot, 'kpageflags')
  const countFd = openIfAllowed(procRoot, 'kpagecount')
  const cgroupFd = openIfAllowed(procRoot, 'kpagecgroup')
  if (flagsFd !== undefined && countFd !== undefined) return { flagsFd, countFd, cgroupFd }
  for (const fd of [flagsFd, countFd, cgroupFd]) if (fd !== undefined) closeSync(fd)
  return undefined
}

export function closeKpageFiles(files: KpageFiles): void {
  closeSync(files.flagsFd)
  closeSync(files.countFd)
  if (files.cgroupFd !== undefined) closeSync(files.cgroupFd)
}

export function createKpageWindow(): KpageWindow {
  const words = (): Uint32Array => new Uint32Array(2 * WINDOW_FRAMES)
  return { base: 0, frames: 0, flags: words(), count: words(), cgroup: words() }
}

/** Fills the window with `frames` frames from `base`; frames past the end of memory read as NOPAGE. */
export function readKpageWindow(
  files: KpageFiles,
  window: KpageWindow,
  base: number,
  frames: number,
): void {
  window.base = base
  window.frames = frames
  const read = readWords(files.flagsFd, window.flags, base, frames)
  for (let i = read; i < frames; i++) {
    window.flags[2 * i] = KPF.NOPAGE
    window.flags[2 * i + 1] = 0
  }
  readWords(files.countFd, window.count, base, frames)
  if (files.cgroupFd !== undefined) readWords(files.cgroupFd, window.cgroup, base, frames)
}

export const flagsAt = (window: KpageWindow, i: number): number => window.flags[2 * i] ?? KPF.NOPAGE

export const highFlagsAt = (window: KpageWindow, i: number): number => window.flags[2 * i + 1] ?? 0

export const mapcountAt = (window: KpageWindow, i: number): number => window.count[2 * i] ?? 0

/** Inode number of the memory cgroup, 0 for a page that is charged to none. */
export function cgroupInodeAt(window: KpageWindow, i: number): number {
  return (window.cgroup[2 * i + 1] ?? 0) * 2 ** 32 + (window.cgroup[2 * i] ?? 0)
}

function readWords(fd: number, words: Uint32Array, base: number, frames: number): number {
  const bytes = frames * ENTRY_BYTES
  const got = readFully(fd, new Uint8Array(words.buffer, 0, bytes), bytes, base * ENTRY_BYTES)
  words.fill(0, Math.floor(got / ENTRY_BYTES) * 2, frames * 2)
  return Math.floor(got / ENTRY_BYTES)
}

function openIfAllowed(procRoot: string, file: string): number | undefined {
  try {
    return openSync(join(procRoot, file), 'r')
  } catch {
    // Root only, hidden in many containers, and absent in some kernels: the capture then infers instead.
    return undefined
  }
}
