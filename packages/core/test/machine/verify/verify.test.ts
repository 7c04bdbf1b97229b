/**
 * What verify says and what it takes: messages, the limit of violations, states between runs that are right although
 * they look wrong, and bugs that the series really had.
 */
import { describe, expect, test } from 'vitest'

import { bindMachine } from '../../../src/index.ts'
import {
  CPU_ACTIVATE_BATCH,
  CPU_BASE,
  CPU_MLOCK_BATCH,
  ZONE,
} from '../../../src/machine/globals.ts'
import {
  FBATCH_FOLIOS,
  FBATCH_NR,
  PAGE_LRU,
  PAGE_MAPCOUNT,
  PAGE_MLOCK_COUNT,
  PAGE_REFCOUNT,
  PG_LRU,
  PG_TYPE_PCP,
  PG_TYPE_RESERVED,
  PG_TYPE_TABLE,
  PG_UNEVICTABLE,
  ZONE_LOCK,
} from '../../../src/machine/layout.ts'
import { load } from '../../../src/machine/memory.ts'
import { pageToPfn } from '../../../src/machine/page.ts'
import { describePage, verify } from '../../../src/machine/verify/verify.ts'
import {
  freeLists,
  freeOrder,
  largeFolio,
  lruLists,
  notEmpty,
  pageOfType,
  smallFolio,
} from './mutation.ts'
import { add, brokenRules, everything, poke, populated, processOf, tornDown } from './support.ts'

describe('violations', () => {
  test('name the object, what was expected and what was found', () => {
    const { machine, census } = populated(processOf([{ kind: 'anon', pages: 3 }]))
    const page = smallFolio()
    add(page + PAGE_REFCOUNT, 5)
    poke(page + PAGE_MAPCOUNT, 3)
    expect(verify(machine, census)).toEqual([
      {
        rule: 'mapcount',
        message:
          '1 PTEs map this page, found 4: pfn 0: folio of order 0, flags lru|swapbacked|anon|movable, refcount 6, mapcount 3, memcg 2',
      },
      {
        rule: 'refcount-high',
        message:
          '1 references have a holder: pfn 0: folio of order 0, flags lru|swapbacked|anon|movable, refcount 6, mapcount 3, memcg 2',
      },
    ])
  })

  test('are listed up to the limit; the rest is counted by rule', () => {
    const { machine, census } = populated(processOf([{ kind: 'anon', pages: 60 }]))
    let page = smallFolio()
    for (let i = 0; i < 50; i++, page += PAGE_LRU + 2) {
      add(page + PAGE_REFCOUNT, 1)
      if (i % 2 === 0) add(page + PAGE_MAPCOUNT, 1)
    }
    const found = verify(machine, census)
    expect(found).toHaveLength(21)
    expect(found[20]).toEqual({
      rule: 'more',
      message: '55 more not listed: refcount-high 37, mapcount 18',
    })
    expect(verify(machine, census, { violationsMax: 0 })).toEqual([
      { rule: 'more', message: '75 more not listed: mapcount 25, refcount-high 50' },
    ])
    expect(verify(machine, census, { violationsMax: 75 })).toHaveLength(75)
  })

  test('verify writes nothing', () => {
    const { machine, census } = populated(everything())
    add(smallFolio() + PAGE_REFCOUNT, 1)
    const before = machine.words.slice()
    verify(machine, census)
    expect(machine.words.every((word, i) => word === before[i])).toBe(true)
  })

  test('one broken link is one violation, however long the list', () => {
    const made = populated(processOf([{ kind: 'anon', pages: 5000 }]))
    let node = notEmpty(lruLists())
    for (let i = 0; i < 2500; i++) node = load(node)
    poke(node, 1)
    expect(verify(made.machine, made.census)).toEqual([
      {
        rule: 'lru-list',
        message: 'lruvec 1 inactive_anon: pfn 2500.next is word 1 (no struct page)',
      },
    ])
  })
})

describe('what looks wrong and is right', () => {
  test('ticket locks that were taken and released', () => {
    const made = tornDown(everything({ lock: 'ticket' }))
    expect(brokenRules(made)).toEqual([])
    bindMachine(made.machine)
    // owner 5, next 5: free; owner 5, next 6: held
    poke(ZONE + ZONE_LOCK, 0x0005_0005)
    expect(brokenRules(made)).toEqual([])
    poke(ZONE + ZONE_LOCK, 0x0006_0005)
    expect(brokenRules(made)).toEqual(['lock-held'])
  })

  test('folio batches hold references, and a munlock that waits is counted', () => {
    const made = populated(everything())
    const put = (batch: number, folio: number): void => {
      const nr = load(batch + FBATCH_NR)
      poke(batch + FBATCH_FOLIOS + nr, folio * 2)
      poke(batch + FBATCH_NR, nr + 1)
      add(folio + PAGE_REFCOUNT, 1)
    }
    const locked = smallFolio(PG_UNEVICTABLE, 0)
    put(CPU_BASE + CPU_ACTIVATE_BATCH, smallFolio())
    put(CPU_BASE + CPU_MLOCK_BATCH, locked)
    add(locked + PAGE_MLOCK_COUNT, 1)
    expect(brokenRules(made)).toEqual([])
    add(smallFolio() + PAGE_REFCOUNT, -1)
    expect(brokenRules(made)).toEqual(['refcount-low'])
  })
})

describe('bugs that the series had', () => {
  test('H-9: a range of device pages drops one reference', () => {
    const device = processOf([
      { kind: 'device', memory: 'fsdax', pages: 16, folios: [{ order: 3 }] },
    ])
    expect(brokenRules(tornDown({ ...device, strategy: 'range-v1' }))).toEqual(['refcount-high'])
    expect(brokenRules(tornDown({ ...device, strategy: 'linux-6.5' }))).toEqual([])
  })
})

describe('describePage', () => {
  const of = (
    input: Parameters<typeof populated>[0],
    torn: boolean,
    find: () => number,
  ): string => {
    const { machine } = torn ? tornDown(input) : populated(input)
    return describePage(machine, pageToPfn(find()))
  }

  test('a small folio, and the list that it is on', () => {
    expect(of(everything(), false, () => smallFolio(PG_LRU))).toMatch(
      /^pfn \d+: folio of order 0, flags .*lru.*, refcount \d+, mapcount -?\d+, memcg \d+, on lruvec \d+ (in)?active_(anon|file)$/,
    )
  })

  test('a large folio, mapped by a PMD', () => {
    const pmd = processOf([{ kind: 'anon', pages: 512, folios: [{ order: 9 }], mapped: 'pmd' }])
    expect(of(pmd, false, () => largeFolio(9))).toBe(
      'pfn 0: folio of order 9, flags lru|swapbacked|anon|head|movable, refcount 1, mapcount -1, memcg 2, entire_mapcount 0, nr_pages_mapped 0+C, on lruvec 1 inactive_anon',
    )
    expect(of(pmd, false, () => largeFolio(9) + 24)).toBe(
      'pfn 4: page 4 of folio 0, refcount 0, mapcount -1',
    )
  })

  test('page tables, free pages, reserved pages, pages that do not exist', () => {
    const heap = processOf([{ kind: 'anon', pages: 4000 }], { machine: { pcp: { high: 200 } } })
    expect(of(heap, false, () => pageOfType(PG_TYPE_TABLE))).toMatch(
      /^pfn \d+: page table, refcount 1$/,
    )
    expect(of(heap, true, () => pageOfType(PG_TYPE_PCP))).toMatch(
      /^pfn \d+: free on a CPU.*, refcount 0, mapcount -1, on CPU 0 pcp list \d+$/,
    )
    expect(of(heap, true, () => load(notEmpty(freeLists(freeOrder(1)))) - PAGE_LRU)).toMatch(
      /^pfn \d+: free block of order \d+.*, refcount 0, mapcount -1, on zone free list of order \d+$/,
    )
    expect(of(everything(), true, () => pageOfType(PG_TYPE_RESERVED))).toMatch(
      /^pfn \d+: reserved, refcount 0, mapcount -1$/,
    )
    const { machine } = populated(heap)
    expect(describePage(machine, 10_000_000)).toMatch(/^pfn 10000000: does not exist \(\d+ page/)
    expect(describePage(machine, -1)).toMatch(/does not exist/)
  })

  test('a folio that waits to be split', () => {
    const half = processOf([{ kind: 'anon', pages: 512, folios: [{ order: 9 }] }], {
      teardown: [{ munmap: { vma: 0, pages: 100 } }],
    })
    expect(of(half, true, () => largeFolio(9))).toMatch(
      /nr_pages_mapped 412, queued for deferred split/,
    )
  })
})
