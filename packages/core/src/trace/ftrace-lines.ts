/**
 * The lines of /sys/kernel/tracing/trace: the head of the file, tasks, times, and the events of
 * include/trace/events/sched.h (v6.12).
 */

import { IDLE, type TraceSubject } from './trace-writer.ts'

const NS_PER_SECOND = 1_000_000_000
/** TASK_COMM_LEN - 1 */
const COMM_CHARS_MAX = 15

/** The head of a file. @param remarks - lines of comment. */
export function ftraceHead(remarks: readonly string[]): string {
  const comments = remarks.map((line) => `# ${line.replaceAll(/\s+/g, ' ')}\n`).join('')
  return (
    `# tracer: nop\n#\n${comments}#\n` +
    '#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n' +
    '#              | |         |   |||||     |         |\n'
  )
}

/** A line: an event of the task `comm` with `pid` on a CPU. */
export function ftraceLine(
  comm: string,
  pid: number,
  cpu: number,
  ns: number,
  event: string,
): string {
  const task = `${comm.padStart(16)}-${String(pid).padEnd(7)}`
  return `${task} [${String(cpu).padStart(3, '0')}] ..... ${seconds(ns)}: ${event}\n`
}

/** sched_process_exit of a process that the CPU is at the end of, and the switch to another (IDLE: none). */
export function ftraceSwitch(
  subject: TraceSubject,
  cpu: number,
  from: number,
  to: number,
): string[] {
  const task = (process: number, is = ''): string => {
    const [comm, pid] =
      process === IDLE ? [`swapper/${cpu}`, 0] : [commOf(subject, process), pidOf(process)]
    return `${is}comm=${comm} ${is}pid=${pid} ${is}prio=120`
  }
  const state = from === IDLE ? 'R' : 'X'
  const exit = from === IDLE ? [] : [`sched_process_exit: ${task(from)}`]
  return [
    ...exit,
    `sched_switch: ${task(from, 'prev_')} prev_state=${state} ==> ${task(to, 'next_')}`,
  ]
}

/** Processes are numbered from 0 on, and pid 0 is the idle task. */
export function pidOf(process: number): number {
  return process + 1
}

/** The comm of a process; what would end the field or the line is not part of it. */
export function commOf(subject: TraceSubject, process: number): string {
  const name = subject.processName(process).replaceAll(/[\s\p{C}=]/gu, '_')
  return Array.from(name).slice(0, COMM_CHARS_MAX).join('')
}

function seconds(ns: number): string {
  const whole = String(Math.floor(ns / NS_PER_SECOND)).padStart(5)
  return `${whole}.${String(ns % NS_PER_SECOND).padStart(9, '0')}`
}
