/**
 * The schema of a profile file: keys, types and bounds.
 *
 * Owns the zod schema. It has no defaults: a profile says everything. Error texts follow the convention of
 * `scenario/schema-leaves.ts`.
 */
import * as z from 'zod'
import { int, label, map, oneOf, text } from '../../scenario/schema-leaves.ts'
import { type CycleKey, type MachineProfile, PROFILE_SCHEMA } from './profile.ts'

/** Far above anything real, far below where sums of cycles stop being exact. */
const CYCLES_MAX = 100_000_000

const SOURCE_TEXT = 'Where the figure comes from: a citation, or `estimated: why`.'

function sourced(min: number, max: number, about: string) {
  return map({
    value: int(min, max),
    source: label(1000, 1).describe(SOURCE_TEXT),
  }).describe(about)
}

const CYCLES: Record<CycleKey, string> = {
  access: 'Plain load or store of a line that this CPU has.',
  atomic: 'Locked read-modify-write of an owned line, on top of access.',
  unlock: 'Releasing store of a lock word for which nobody waits.',
  memory: 'First touch of a line that is in no cache, streaming.',
  transferSmt: 'A line that the SMT sibling wrote last.',
  transferCluster: 'A line that another core of the cluster wrote last.',
  transferSocket: 'A line that a core of another cluster of the socket wrote last.',
  transferRemote: 'A line that a CPU of another socket wrote last.',
  serveWaiter: 'Answering one of many CPUs that read a line which was just written.',
  irqSave: 'local_irq_save() and local_irq_restore().',
  ipiSend: 'Sending an IPI to the first target.',
  ipiPerTarget: 'Each further target.',
  ipiLatency: 'Until a target enters its handler.',
  ipiHandle: "The target's handler: entry, acknowledge, exit.",
  tlbFlushPage: 'Invalidating one page in the local TLB.',
  tlbFlushAll: 'Invalidating an address space in the local TLB.',
  condResched: 'cond_resched() that finds nothing to do.',
  pageFault: 'Exception entry and exit, and the look-up of the VMA.',
  syscall: 'System call entry and exit.',
  clearPage: 'Zeroing 4 KiB.',
  copyPage: 'Copying 4 KiB.',
  contextSwitch: 'From one task to another, with the address space.',
}

/** The costs in the order in which they are listed to people, each with what it is. */
export const CYCLE_TEXTS: readonly (readonly [key: CycleKey, text: string])[] = Object.entries(
  CYCLES,
) as [CycleKey, string][]

type CycleShape = Record<CycleKey, ReturnType<typeof sourced>>

const cycles = map(
  Object.fromEntries(
    CYCLE_TEXTS.map(([key, about]) => [key, sourced(0, CYCLES_MAX, about)]),
  ) as CycleShape,
)

const part = int(1, 1024)

const topology = map({
  threadsPerCore: int(1, 8).describe('SMT threads in a core.'),
  coresPerCluster: part.describe('Cores that share a cache below that of the socket.'),
  clustersPerSocket: part.describe('Clusters in a socket.'),
  sockets: int(1, 64).describe('Sockets in the machine.'),
  numbering: oneOf('siblings-last', 'siblings-adjacent').describe(
    'Where Linux puts SMT siblings among the CPU numbers.',
  ),
  source: label(1000, 1).describe(SOURCE_TEXT),
})

const NAME_TEXT = 'a name of lower-case letters, digits and -, as altra-80'

/** The schema of a profile file; internal, `parseProfile` is the way in. */
export const profileSchema: z.ZodType<MachineProfile> = map({
  schema: z
    .literal(PROFILE_SCHEMA, { error: () => PROFILE_SCHEMA })
    .describe('Version of this format.'),
  name: z
    .string({ error: () => NAME_TEXT })
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: () => NAME_TEXT })
    .describe('What --profile takes.'),
  title: label(60, 1).describe('The machine, in one line.'),
  description: text(10_000).describe('Text for people.'),
  mhz: sourced(1, 100_000, 'The clock in whose cycles costs are counted.'),
  topology: topology.describe('How the CPUs lie.'),
  tlbFlush: oneOf('ipi', 'broadcast').describe('How a TLB flush reaches other CPUs.'),
  cycles: cycles.describe('Costs.'),
})
