/**
 * The rules of conservation.ts and bounds.ts: what came and went adds up, and what is bounded keeps its bound.
 */

export const CONSERVATION = [
  {
    rule: 'pages-conserved',
    summary: 'pages in use before = pages in use now + pages freed',
    source: 'H-25',
  },
  {
    rule: 'folios-conserved',
    summary: 'folios in use before = folios in use now + folios freed',
    source: 'H-25',
  },
  {
    rule: 'device-pages-conserved',
    summary: 'device memory without references was given back to its driver',
    source: 'H-9',
  },
  {
    rule: 'mappings-conserved',
    summary: 'pages mapped before = pages mapped now + mappings cleared',
    source: 'H-23',
  },
  {
    rule: 'split-queue-conserved',
    summary: 'insertions - removals = folios queued now',
    source: 'H-13',
  },
  {
    rule: 'pgalloc-conserved',
    summary: 'PGALLOC is what faults, forks and gathers have allocated',
    source: 'rmqueue',
  },
  {
    rule: 'pgfree-conserved',
    summary: 'PGFREE counts every page that went to the allocator',
    source: 'H-25',
  },
  { rule: 'counter-negative', summary: 'events are counted up only', source: 'count_vm_events' },
  {
    rule: 'batch-pages-bound',
    summary: 'a gather allocates at most MAX_GATHER_BATCH_COUNT pages',
    source: 'H-8',
  },
  {
    rule: 'chunk-bound',
    summary: 'at most FREE_CHUNK slots are freed between two looks at the scheduler',
    source: 'H-8',
  },
  {
    rule: 'irqs-off-bound',
    summary: 'at most SWAP_CLUSTER_MAX slots are looked at in one lruvec hold',
    source: 'H-24',
  },
] as const
