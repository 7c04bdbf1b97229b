/**
 * Puts single values in place of a scenario's own, as command-line flags do.
 *
 * Owns what each override means. Invariant: the result satisfies every rule that a scenario file must satisfy. An
 * override that cannot be applied without guessing (`pages` where there are two anonymous VMAs) is refused, never
 * dropped. Order: processes and share, then the VMAs, then teardown,
 * then lruvecs.
 */
import { withoutDefaultStarts, withStarts } from './address-layout.ts'
import { checkScenario } from './check-scenario.ts'
import { ScenarioError } from './errors.ts'
import type { ScenarioOverrides } from './input.ts'
import { type FoundIssue, publicIssue } from './issues.ts'
import { formatPath } from './path.ts'
import { PMD_ORDER } from './limits.ts'
import { stepsOf } from './program.ts'
import type { AnonVma, ProcessGroup, ProgramStep, Scenario, TeardownStep, Vma } from './scenario.ts'
import { overridesSchema } from './schema.ts'
import { issuesFromZod } from './schema-issues.ts'

/**
 * The scenario with the overrides applied; the scenario itself stays as it is.
 *
 * - `processes`, `share`: of the only process group that is no background group.
 * - `pages`, `order`, `mapped`: of the only anonymous VMA of every group; VMAs that were placed by default move. `pages`
 *   and `order` act on the only mmap step of a group that has no anonymous VMA.
 * - `lruvecs` L > 0: L memcgs m0, m1, ... with a lruvec each; the n-th group of sharing processes is charged to
 *   m(n mod L). 0: one lruvec per memcg of the scenario.
 * - `teardown` munmap: every VMA is unmapped whole, one munmap each, in order.
 * @throws ScenarioError; the path of an issue is the override's name, or the field that breaks a rule.
 */
export function overrideScenario(scenario: Scenario, overrides: ScenarioOverrides): Scenario {
  const parsed = overridesSchema.safeParse(overrides)
  if (!parsed.success) throw failed(issuesFromZod(parsed.error, overrides))
  const values = parsed.data
  const refused = [
    ...refuseGroupOverrides(scenario, values),
    ...refuseVmaOverrides(scenario, values),
    ...refuseLruvecs(scenario, values),
  ]
  if (refused.length > 0) throw failed(refused)
  const changed = checked(
    withTeardown(withProcesses(withMachine(scenario, values), values), values),
  )
  return values.lruvecs === undefined ? changed : checked(withLruvecs(changed, values.lruvecs))
}

/** Asked before the groups are split up as well, so that one mistake is one issue. */
function checked(scenario: Scenario): Scenario {
  const issues = checkScenario(scenario)
  if (issues.length > 0) throw failed(issues)
  return scenario
}

function failed(issues: readonly FoundIssue[]): ScenarioError {
  return new ScenarioError(issues.map((issue) => publicIssue(issue)))
}

const EDIT = 'edit a file instead: mmgather scenarios NAME > my.yaml'

function refuseGroupOverrides(scenario: Scenario, values: ScenarioOverrides): FoundIssue[] {
  const foreground = scenario.processes.filter(({ background }) => !background)
  if (foreground.length === 1) return []
  const groups = some(scenario.processes.map(({ name }, i) => `processes[${i}] (${name})`))
  return (['processes', 'share'] as const)
    .filter((key) => values[key] !== undefined)
    .map((key) => ({
      path: [key],
      message: `needs a scenario with one process group, but there are ${groups}`,
      value: values[key],
      hint: EDIT,
    }))
}

function refuseVmaOverrides(scenario: Scenario, values: ScenarioOverrides): FoundIssue[] {
  const keys = (['pages', 'order', 'mapped'] as const).filter((key) => values[key] !== undefined)
  if (keys.length === 0) return []
  for (const [i, group] of scenario.processes.entries()) {
    const { vmas } = group
    if (group.background) continue
    const anon = vmas.filter((vma) => vma.kind === 'anon')
    const mmaps = stepsOf(group).filter(({ step }) => step.mmap !== undefined)
    // a mapping that faults is never huge
    if (anon.length === 0 && mmaps.length === 1 && values.mapped === undefined) {
      if (values.order === undefined || values.order <= PMD_ORDER) continue
      const message = 'is too large for folios that faults allocate'
      const allowed = `an integer from 0 to ${PMD_ORDER}`
      return [{ path: ['order'], message, value: values.order, allowed }]
    }
    const exact = anon.some((vma) => vma.runs !== undefined)
    if (anon.length === 1 && !exact) continue
    const all = some([
      ...vmas.map((vma, v) => `vmas[${v}] ${vma.kind} ${vma.pages}`),
      ...mmaps.map(({ step }) => `mmap ${step.mmap?.pages}`),
    ])
    const message = exact
      ? `needs a VMA with a folio pattern, but processes[${i}] has runs`
      : `needs exactly one anonymous VMA in each process, but processes[${i}] has ${all}`
    return keys.map((key) => ({ path: [key], message, value: values[key], hint: EDIT }))
  }
  return []
}

/** Folios with a memcg of their own would keep it, and with it their lruvec. */
function refuseLruvecs(scenario: Scenario, values: ScenarioOverrides): FoundIssue[] {
  if (values.lruvecs === undefined || values.lruvecs === 0) return []
  for (const [i, group] of scenario.processes.entries()) {
    const step = stepsOf(group).find(({ step: one }) => one.reclaim ?? one.mmap?.memcg)
    if (step !== undefined) {
      const where = formatPath(['processes', i, ...step.path])
      const message = `needs programs that name no memcgs, but ${where} does`
      return [{ path: ['lruvecs'], message, value: values.lruvecs, hint: EDIT }]
    }
    const { vmas } = group
    for (const [v, vma] of vmas.entries()) {
      if (!('folios' in vma) || !vma.folios.some(({ memcg }) => memcg !== undefined)) continue
      const where = `processes[${i}].vmas[${v}].folios`
      const message = `needs folios charged to their process, but ${where} names memcgs`
      return [{ path: ['lruvecs'], message, value: values.lruvecs, hint: EDIT }]
    }
  }
  return []
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ')
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown
}

function withMachine(scenario: Scenario, values: ScenarioOverrides): Scenario {
  const { machine, tunables } = scenario
  return {
    ...scenario,
    strategy: values.strategy ?? scenario.strategy,
    seed: values.seed ?? scenario.seed,
    machine: {
      ...machine,
      cpus: values.cpus ?? machine.cpus,
      lock: values.lock ?? machine.lock,
      pageTables: values.pageTables ?? machine.pageTables,
    },
    tunables: { ...tunables, swapClusterMax: values.swapClusterMax ?? tunables.swapClusterMax },
  }
}

function withProcesses(scenario: Scenario, values: ScenarioOverrides): Scenario {
  const processes = scenario.processes.map((group) => {
    if (group.background) return group
    const changed: ProcessGroup = {
      ...group,
      count: values.processes ?? group.count,
      share: values.share ?? group.share,
      vmas: withStarts(withoutDefaultStarts(group.vmas).map((vma) => withVma(vma, values))),
    }
    const mapsAnon = group.vmas.some(({ kind }) => kind === 'anon')
    if (group.program !== undefined && !mapsAnon) changed.program = withMmap(group.program, values)
    return changed
  })
  return { ...scenario, processes }
}

/** The program with the size and the order of its mmap step replaced. */
function withMmap(steps: readonly ProgramStep[], values: ScenarioOverrides): ProgramStep[] {
  return steps.map(({ mmap, repeat, fork, ...step }) => ({
    ...step,
    ...(mmap && {
      mmap: { ...mmap, pages: values.pages ?? mmap.pages, order: values.order ?? mmap.order },
    }),
    ...(repeat && { repeat: { ...repeat, steps: withMmap(repeat.steps, values) } }),
    ...(fork && { fork: { program: withMmap(fork.program, values) } }),
  }))
}

/** Placement by default must see the old pages, so that it runs before this and again after it. */
function withVma(vma: Vma, { pages, order, mapped }: ScenarioOverrides): Vma {
  if (vma.kind !== 'anon') return vma
  const changed: AnonVma = { ...vma, pages: pages ?? vma.pages, mapped: mapped ?? vma.mapped }
  if (order !== undefined) changed.folios = vma.folios.map((entry) => ({ ...entry, order }))
  return changed
}

function withLruvecs(scenario: Scenario, lruvecs: number): Scenario {
  const machine = { ...scenario.machine, lruvecs: 0 }
  if (lruvecs === 0) return { ...scenario, machine }
  let sharing = 0
  const processes: ProcessGroup[] = []
  for (const group of scenario.processes) {
    if (lruvecs === 1) processes.push({ ...group, memcg: 'm0' })
    else {
      for (let left = group.count; left > 0; left -= group.share) {
        const memcg = `m${sharing++ % lruvecs}`
        processes.push({ ...group, count: Math.min(left, group.share), memcg })
      }
    }
  }
  return { ...scenario, machine, processes }
}

function withTeardown(scenario: Scenario, { teardown }: ScenarioOverrides): Scenario {
  if (teardown === undefined) return scenario
  const processes = scenario.processes.map((group) => {
    const { teardown: _own, ...rest } = group
    if (teardown === 'exit') return rest
    const steps = unmapEach(group.vmas)
    // a process with a program must exit in the end
    if (group.program !== undefined) steps.push('exit')
    return { ...rest, teardown: steps }
  })
  return { ...scenario, processes, teardown: 'exit' }
}

function unmapEach(vmas: readonly Vma[]): TeardownStep[] {
  return vmas.map(({ pages }, vma) => ({ munmap: { vma, from: 0, pages } }))
}
