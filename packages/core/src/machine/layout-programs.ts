/**
 * The words of a program's steps. (All other structures: layout.ts.)
 *
 * Invariant: a step's nested steps follow it, and PROG_NEXT is the step behind them.
 */

/** A step of a program, PROG_WORDS each, a nested one behind the step that it belongs to. */
export const PROG_WORDS = 8
export const PROG_KIND = 0
/** Address of the step after it, behind the nested ones. */
export const PROG_NEXT = 1
export const PROG_START = 2
export const PROG_END = 3
/** touch, access: 1 to write; mmap: VMA_FAULT; delay: ns; repeat: times; reclaim: rounds; writeback: the page. */
export const PROG_ARG = 4
/** mmap: VMA_ID; reclaim: the memcg's lruvec; split scan: the queue; access, dontneed, writeback: the mm (0: its own). */
export const PROG_OBJECT = 5
/** reclaim: ns between isolating and putting back. */
export const PROG_PAUSE = 6
export const PROG_MMAP = 1
export const PROG_TOUCH = 2
export const PROG_MUNMAP = 3
export const PROG_DELAY = 4
export const PROG_FORK = 5
export const PROG_REPEAT = 6
export const PROG_RECLAIM = 7
export const PROG_ACCESS = 8
export const PROG_DONTNEED = 9
export const PROG_WRITEBACK = 10
export const PROG_SPLIT_SCAN = 11
