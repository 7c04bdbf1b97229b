/**
 * Work that takes time and that memory accesses do not show: what the kernel text passes to `doWork`.
 *
 * Threads spend no time on it; an engine with a cost model charges it by its profile. Each constant says what one unit is.
 */

/** Exception entry and exit of a page fault, the VMA look-up included. */
export const WORK_PAGE_FAULT = 1
/** Entry and exit of a system call. */
export const WORK_SYSCALL = 2
/** clear_page of one page. */
export const WORK_CLEAR_PAGE = 3
/** copy_page of one page. */
export const WORK_COPY_PAGE = 4
/** Switch to another task. */
export const WORK_CONTEXT_SWITCH = 5
/** One past the last kind of work. @public Cost tables have so many entries. */
export const NR_WORK_KINDS = 6
