/**
 * Named folios and the runs that map them: the rules that tie them together, each with its exact message.
 */
import { describe, expect, test } from 'vitest'

import { messageOf, problemsOf, scenarioOf, vmasOf } from './support.ts'

describe('named folios and runs', () => {
  const folios = [
    { id: 0, count: 4, order: 2 },
    { id: 4, count: 2, order: 0 },
    { id: 9, count: 1, order: 9 },
  ]
  const runs = (
    ...list: { at: number; pages: number; folio: number; page?: number; mapped?: 'pmd' }[]
  ) => vmasOf([{ kind: 'anon', pages: 2048, start: 0, runs: list }], { folios })

  test('runs go on into the following folios, whatever their order', () => {
    expect(problemsOf(runs({ at: 0, pages: 18, folio: 0 }))).toEqual([])
    expect(problemsOf(runs({ at: 5, pages: 17, folio: 0, page: 1 }))).toEqual([])
    expect(
      problemsOf(
        runs(
          { at: 512, pages: 512, folio: 9, mapped: 'pmd' },
          { at: 0, pages: 1, folio: 9, page: 511 },
        ),
      ),
    ).toEqual([])
  })

  test.each([
    [
      runs({ at: 0, pages: 19, folio: 0 }),
      'processes[0].vmas[0].runs[0].folio: the run goes on into folio 6, which does not exist (got 0); declare it under folios',
    ],
    [
      runs({ at: 0, pages: 1, folio: 7 }),
      'processes[0].vmas[0].runs[0].folio: there is no folio with this id (got 7); declare it under folios',
    ],
    [
      runs({ at: 0, pages: 1, folio: 1, page: 4 }),
      'processes[0].vmas[0].runs[0].page: is not in folio 1, which has order 2 (got 4); allowed an integer from 0 to 3',
    ],
    [
      runs({ at: 2040, pages: 16, folio: 0 }),
      'processes[0].vmas[0].runs[0]: ends past the end of the VMA: at 2040 + pages 16 = 2056, but the VMA has 2048 pages',
    ],
    [
      runs({ at: 8, pages: 4, folio: 0 }, { at: 0, pages: 9, folio: 1 }),
      'processes[0].vmas[0].runs[0].at: overlaps runs[1], which covers pages 0 to 8 (got 8)',
    ],
    [
      runs({ at: 512, pages: 512, folio: 0, mapped: 'pmd' }),
      'processes[0].vmas[0].runs[0].mapped: folio 0 has order 2 (got "pmd"); allowed pmd with folios of order 9, else pte',
    ],
    [
      runs({ at: 8, pages: 512, folio: 9, mapped: 'pmd' }),
      'processes[0].vmas[0].runs[0].at: lies 8 pages past a 2 MiB boundary, but the run is mapped: pmd (got 8)',
    ],
    [
      runs({ at: 512, pages: 8, folio: 9, mapped: 'pmd' }),
      'processes[0].vmas[0].runs[0].pages: is not a whole number of PMDs, but the run is mapped: pmd (got 8); allowed a multiple of 512',
    ],
    [
      vmasOf([{ kind: 'anon', pages: 8, swapRuns: [{ at: 0, pages: 1 }] }]),
      'processes[0].vmas[0].swapRuns: stands without runs; add runs: [], or use the selection swap',
    ],
    [
      vmasOf([
        {
          kind: 'anon',
          pages: 8,
          runs: [],
          swapRuns: [
            { at: 0, pages: 2 },
            { at: 1, pages: 1 },
          ],
        },
      ]),
      'processes[0].vmas[0].swapRuns[1].at: overlaps swapRuns[0], which covers pages 0 to 1 (got 1)',
    ],
    [
      vmasOf([{ kind: 'anon', pages: 8, runs: [], young: 'all' }]),
      'processes[0].vmas[0].young: has no meaning beside runs; leave it out, and set it in runs, swapRuns or folios',
    ],
    [
      scenarioOf({ folios: [{ id: 5 }, { id: 2, count: 4 }] }),
      'folios[0].id: is already taken: folios[1] has the ids 2 to 5 (got 5)',
    ],
    [
      scenarioOf({ folios: [{ id: 5, kind: 'file', swapcache: true }] }),
      'folios[0].swapcache: a file folio cannot be in the swap cache (got true); allowed false, or kind anon or shmem',
    ],
  ])('%#', (input, message) => {
    expect(messageOf(input)).toBe(message)
  })
})
