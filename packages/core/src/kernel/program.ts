/**
 * What a process does before its teardown: the steps of its program, as system calls, memory accesses and user time.
 *
 * Repeats and forked children are nested steps, run by recursion. The program of a background process ends, at the next
 * step or round, once all other processes are done.
 */

import { BUG_NO_VMA } from '../machine/bugs.ts'
import { NR_FOREGROUND } from '../machine/globals.ts'
import { CONTROL, CTL_DONE, MM_ID, MM_USERS, PTE_PRESENT, PTE_WRITE } from '../machine/layout.ts'
import {
  PROG_ACCESS,
  PROG_ARG,
  PROG_DELAY,
  PROG_DONTNEED,
  PROG_END,
  PROG_FORK,
  PROG_KIND,
  PROG_MMAP,
  PROG_MUNMAP,
  PROG_NEXT,
  PROG_OBJECT,
  PROG_PAUSE,
  PROG_RECLAIM,
  PROG_REPEAT,
  PROG_SPLIT_SCAN,
  PROG_START,
  PROG_TOUCH,
  PROG_WORDS,
  PROG_WRITEBACK,
} from '../machine/layout-programs.ts'
import { load } from '../machine/memory.ts'
import { walkPageTables } from '../machine/pgtable.ts'
import { WORK_CONTEXT_SWITCH, WORK_SYSCALL } from '../machine/work.ts'
import { deferredSplitScan } from '../mm/deferred-split-scan.ts'
import { zapPageRangeSingle } from '../mm/madvise.ts'
import { folioClearDirtyForIo } from '../mm/mkclean.ts'
import { doMunmap, findVma, mmapRegion } from '../mm/mmap.ts'
import { handleMmFault } from '../mm/page-fault.ts'
import type { Strategy } from '../mm/strategy.ts'
import { shrinkInactiveList } from '../mm/vmscan.ts'
import {
  atomicIncNotZero,
  bugOn,
  condResched,
  delayNs,
  doWork,
  readOnce,
  userAccess,
} from '../sync/live.ts'
import { kernelClone, mmput } from './fork.ts'

/** The steps from `first` up to `end`. */
export function runProgram(
  cpu: number,
  mm: number,
  first: number,
  end: number,
  strategy: Strategy,
): void {
  let step = first
  while (step < end && !isOver(mm)) {
    const next = load(step + PROG_NEXT)
    const kind = load(step + PROG_KIND)
    if (kind === PROG_REPEAT) {
      const times = load(step + PROG_ARG)
      for (let i = 0; i < times && !isOver(mm); i++)
        runProgram(cpu, mm, step + PROG_WORDS, next, strategy)
    } else if (kind === PROG_FORK) {
      runChild(cpu, mm, step + PROG_WORDS, next, strategy)
    } else {
      runStep(cpu, mm, step, kind, strategy)
    }
    condResched()
    step = next
  }
}

/** Is this a background process that nobody needs any more? (Children never are: they run while their parent does.) */
function isOver(mm: number): boolean {
  if (load(mm + MM_ID) < NR_FOREGROUND) return false
  return readOnce(CONTROL + CTL_DONE) >= NR_FOREGROUND
}

/** The child takes the CPU, and gives it back when it exits. */
function runChild(cpu: number, mm: number, first: number, end: number, strategy: Strategy): void {
  const child = kernelClone(cpu, mm)
  doWork(WORK_CONTEXT_SWITCH, 1)
  runProgram(cpu, child, first, end, strategy)
  // exit_mm
  doWork(WORK_SYSCALL, 1)
  mmput(cpu, child, strategy)
  doWork(WORK_CONTEXT_SWITCH, 1)
}

function runStep(cpu: number, mm: number, step: number, kind: number, strategy: Strategy): void {
  const start = load(step + PROG_START)
  const end = load(step + PROG_END)
  const arg = load(step + PROG_ARG)
  if (kind === PROG_MMAP) {
    doWork(WORK_SYSCALL, 1)
    mmapRegion(mm, start, end, arg, load(step + PROG_OBJECT))
  } else if (kind === PROG_TOUCH) {
    touchRange(cpu, mm, start, end, arg !== 0, strategy)
  } else if (kind === PROG_MUNMAP) {
    doWork(WORK_SYSCALL, 1)
    doMunmap(cpu, mm, start, end, strategy)
  } else if (kind === PROG_DELAY) {
    delayNs(arg)
  } else if (kind === PROG_RECLAIM) {
    reclaim(cpu, mm, load(step + PROG_OBJECT), arg, load(step + PROG_PAUSE))
  } else {
    runStepOfOthers(cpu, mm, step, kind, strategy)
  }
}

/** A step that works on memory which another process maps. */
function runStepOfOthers(
  cpu: number,
  mm: number,
  step: number,
  kind: number,
  strategy: Strategy,
): void {
  const start = load(step + PROG_START)
  const end = load(step + PROG_END)
  const arg = load(step + PROG_ARG)
  const object = load(step + PROG_OBJECT)
  if (kind === PROG_ACCESS) {
    accessRange(object, start, end, arg)
  } else if (kind === PROG_DONTNEED) {
    if (object === 0) zapPageRangeSingle(cpu, mm, start, end, strategy)
    else dontneedOther(cpu, object, start, end, strategy)
  } else if (kind === PROG_WRITEBACK) {
    folioClearDirtyForIo(cpu, arg, object, start)
  } else if (kind === PROG_SPLIT_SCAN) {
    deferredSplitScan(cpu, object)
  }
}

/** Another thread of a process accesses pages in order, up to the first that faults. */
function accessRange(mm: number, start: number, end: number, write: number): void {
  for (let addr = start; addr < end; addr++) {
    if (!userAccess(mm, addr, write)) return
  }
}

/** process_madvise: the mm stays while it is worked on. */
function dontneedOther(
  cpu: number,
  mm: number,
  start: number,
  end: number,
  strategy: Strategy,
): void {
  if (!atomicIncNotZero(mm + MM_USERS)) return
  zapPageRangeSingle(cpu, mm, start, end, strategy)
  mmput(cpu, mm, strategy)
}

/** One access to each page: it faults if the hardware finds no entry, or one that it may not write through. */
function touchRange(
  cpu: number,
  mm: number,
  start: number,
  end: number,
  write: boolean,
  strategy: Strategy,
): void {
  const vma = findVma(mm, start)
  bugOn(vma === 0, BUG_NO_VMA)
  const needed = write ? PTE_PRESENT | PTE_WRITE : PTE_PRESENT
  for (let addr = start; addr < end; addr++) {
    if ((walkPageTables(mm, addr) & needed) === needed) continue
    handleMmFault(cpu, mm, vma, addr, write, strategy)
    condResched()
  }
}

/** Rounds of reclaim in one lruvec. */
function reclaim(cpu: number, mm: number, lruvec: number, rounds: number, pauseNs: number): void {
  for (let i = 0; i < rounds && !isOver(mm); i++) {
    shrinkInactiveList(cpu, lruvec, pauseNs)
    condResched()
  }
}
