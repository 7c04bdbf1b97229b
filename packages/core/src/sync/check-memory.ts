/**
 * The plain accesses of kernel text in the raw form: performed at once, in the order of the schedule.
 */

export { load, store } from '../machine/memory.ts'
