/**
 * include/linux/list.h: doubly linked lists of two-word list_heads (next, prev).
 *
 * Invariant: n.next.prev === n === n.prev.next for every node of a list and its head.
 */

import { load, store } from './memory.ts'

const NEXT = 0
const PREV = 1

export function initListHead(list: number): void {
  store(list + NEXT, list)
  store(list + PREV, list)
}

/** list_add: behind the head, i.e. first. */
export function listAdd(node: number, head: number): void {
  const next = load(head + NEXT)
  store(next + PREV, node)
  store(node + NEXT, next)
  store(node + PREV, head)
  store(head + NEXT, node)
}

/** list_add_tail: before the head, i.e. last. */
export function listAddTail(node: number, head: number): void {
  const prev = load(head + PREV)
  store(head + PREV, node)
  store(node + NEXT, head)
  store(node + PREV, prev)
  store(prev + NEXT, node)
}

export function listDel(node: number): void {
  const next = load(node + NEXT)
  const prev = load(node + PREV)
  store(next + PREV, prev)
  store(prev + NEXT, next)
}

export function listDelInit(node: number): void {
  listDel(node)
  initListHead(node)
}

export function listEmpty(head: number): boolean {
  return load(head + NEXT) === head
}

export function listFirst(head: number): number {
  return load(head + NEXT)
}

export function listLast(head: number): number {
  return load(head + PREV)
}
