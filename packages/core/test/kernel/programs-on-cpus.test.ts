/**
 * Programs of many processes: who shares CPUs with whom, what memory they need, and that a machine can be used again.
 */
import { describe, expect, test } from 'vitest'

import {
  collectCounters,
  collectEvents,
  collectVmstat,
  createMachine,
  parseScenario,
  populate,
  presetScenario,
  runOneCpu,
  strategyOf,
  verify,
} from '../../src/index.ts'
import { CONTROL, CTL_DONE } from '../../src/machine/layout.ts'
import { runScenario } from '../support/run.ts'

describe('background processes', () => {
  test('have the last CPUs, are not counted as done, and end when the others have', () => {
    const scenario = presetScenario('page-fault2-reclaim')
    const ran = runScenario(scenario)
    expect(ran.machine.words[CONTROL + CTL_DONE]).toBe(1)
    // on one thread CPU 1 comes when CPU 0 is done
    expect(ran.events.reclaimRounds).toBe(0)
    expect(ran.perCpu[0]?.ptesCleared).toBe(4 * 32_768)
  })

  test('others share the CPUs before them', () => {
    const scenario = parseScenario({
      schema: 'mmgather/scenario@1',
      machine: { cpus: 3 },
      processes: [
        { count: 4, vmas: [{ kind: 'anon', pages: 8 }] },
        { background: true, vmas: [{ kind: 'anon', pages: 5 }], program: [{ delay: { ns: 1 } }] },
      ],
    })
    const { perCpu } = runScenario(scenario)
    expect(perCpu.map(({ ptesCleared }) => ptesCleared)).toEqual([16, 16, 5])
  })
})

test('a queue of processes on few CPUs: memory is sized for one program on each', () => {
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    machine: { cpus: 2, deal: 'queue', pcp: { count: 0 } },
    processes: [
      {
        count: 30,
        program: [
          { mmap: { pages: 2000, order: 2 } },
          { touch: { vma: 0 } },
          { fork: { program: [{ touch: { vma: 0 } }] } },
          { touch: { vma: 0 } },
        ],
      },
    ],
  })
  const { events, machine } = runScenario(scenario)
  // all of the child's, and of each folio of the parent's three of four pages
  expect(events.cowCopies).toBe(30 * (2000 + 1500))
  // the folios of all 30 processes would need more
  expect(machine.globals.NR_PFNS).toBeLessThan(30 * 2000)
})

test('a machine can be populated and run again', () => {
  const scenario = presetScenario('kernel-build-loop')
  const machine = createMachine(scenario)
  const counts = [1, 2].map(() => {
    const census = populate(machine, scenario)
    expect(verify(machine, census)).toEqual([])
    runOneCpu(machine, strategyOf(scenario))
    expect(verify(machine, census)).toEqual([])
    return { ...collectCounters(machine), ...collectEvents(machine), ...collectVmstat(machine) }
  })
  expect(counts[1]).toEqual(counts[0])
  // heaps, stacks and page tables of the two makes were there before
  const before = 2 * (512 + 32 + 6)
  expect(counts[0]).toMatchObject({ forks: 40, pgfree: (counts[0]?.pgalloc ?? 0) + before })
})
