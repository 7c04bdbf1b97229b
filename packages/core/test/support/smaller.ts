/**
 * A preset with fewer processes, pages and repeats: the same shape, sooner done.
 */
import { PTRS_PER_PTE } from '../../src/machine/layout.ts'
import type { ProgramStepInput } from '../../src/scenario/input.ts'
import { scenarioToInput } from '../../src/scenario/input-form.ts'
import { parseScenario } from '../../src/scenario/parse-scenario.ts'
import { presetScenario } from '../../src/scenario/presets.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'

export interface Size {
  /** Pages of a VMA and of a file, at most. Default: two page tables and a part of a third. */
  pages?: number
  /** Processes of a group, at most. */
  count?: number
}

/** The preset, each VMA and file of `pages` at most, each group of `count` processes at most. */
export function smaller(name: string, { pages = 1100, count = 4 }: Size = {}): Scenario {
  const input = scenarioToInput(presetScenario(name))
  const cut = <T extends { pages: number; mapped?: unknown }>(sized: T): T => {
    const whole = sized.mapped === 'pmd' ? Math.ceil(pages / PTRS_PER_PTE) * PTRS_PER_PTE : pages
    return { ...sized, pages: Math.min(sized.pages, whole) }
  }
  const cutStep = (step: ProgramStepInput): ProgramStepInput => {
    if (step.repeat !== undefined)
      return { repeat: { times: 2, steps: step.repeat.steps.map(cutStep) } }
    return step.mmap === undefined ? step : { mmap: cut(step.mmap) }
  }
  return parseScenario({
    ...input,
    ...(input.files && { files: input.files.map(cut) }),
    processes: input.processes.map((group) => ({
      ...group,
      ...(group.count === undefined ? {} : { count: Math.min(group.count, count) }),
      vmas: (group.vmas ?? []).map(cut),
      ...(group.program && { program: group.program.map(cutStep) }),
    })),
  })
}
